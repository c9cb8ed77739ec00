"""Settings, read once and then frozen.

They come, the later beating the earlier, from the defaults below, ``[tool.mage-harness]`` in the
nearest ``pyproject.toml`` (relative paths are relative to its folder), variables named
``MAGE_HARNESS_*`` and the options of the command line or of pytest.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime  # noqa: TC003 - pydantic reads annotations while it runs
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_origin

from platformdirs import user_cache_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from harness.errors import SettingsError
from harness.moment import moment
from harness.pyproject import anchored, find, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE_PREFIX = "MAGE_HARNESS_"
# What reaches the world outside is asked for each time.
_TYPED = {
    "real_google": (
        "a real Google Cloud project",
        "type it each time: --real-google PROJECT",
    ),
    "record": ("recording", "run: mage-harness record PIPELINE"),
    "resolve": (
        "another address for a host",
        "type it each time: mage-harness record PIPELINE --resolve HOST=ADDRESS",
    ),
    "match_headers": (
        "the headers that count",
        "type it each time: mage-harness record PIPELINE --match-header NAME",
    ),
}
_ADDED = ("allow", "files", "ports")
_OPTIONS = {"files": "file", "ports": "port"}
Imaged = Literal["postgres", "gcs", "mysql", "mage"]
"""The services that have a container image."""


def _moment(given: object) -> datetime | None:
    return None if given is None else moment(given)


class Settings(BaseModel):
    """How pipelines are run.

    Attributes:
        project: The Mage project's folder.
        fixtures: The folder with ``http/`` recordings and ``seeds/``.
        contracts: The folder with the pipelines' contracts; ``contracts`` in ``fixtures`` if not
            given.
        provider: Who provides the services: programs of wheels, or containers.
        images: Container images by service (``postgres``, ``gcs``, ``mysql``, ``mage``), in place
            of the pinned ones. With ``mage``, that image is used as it is and no Dockerfile is
            built.
        dockerfile: The Dockerfile that makes Mage's image; ``Dockerfile`` in or beside the
            project if not given.
        build_args: Build arguments for it, besides ``PROJECT_NAME`` and ``MAGE_IMAGE``.
        at: The moment at which the private world begins, such as ``2021-02-01T05:00Z``: pipelines
            and services have this time in place of the real one.
        deadline: Seconds that one pipeline's run may take.
        mage_version: The version of mage-ai to test on.
        mage_python: An interpreter that has mage-ai already, used instead of a made environment.
        python: The Python version of the environment that is made for Mage, such as ``3.11``; the
            harness's own if not given.
        requirements: The project's requirements file; ``requirements.txt`` in or beside the
            project if not given.
        cache: Where made environments and initialised databases are kept between runs.
        env_file: A file of ``NAME=value`` lines given to the pipelines.
        env: Variables given to the pipelines. ``{name}`` in a value is replaced by what the
            private services say: ``{key_file}``, ``{gcp_project}``, ``{postgres_host}`` and the
            others listed in docs/settings.md.
        secrets: Values of Mage's secrets, by name; ``{name}`` is replaced as in ``env``.
        profiles: Profiles of io_config.yaml that the author's own file has and the published one
            has not; a run's copy gets them, led to the private services.
        sleep: Whether block code waits as it says (``real``), or for a moment only (``short``).
        needs: For a pipeline, those that must have run before it in the same private world.
        entry: For a pipeline, by which entry it runs: ``pipeline``, ``blocks`` or ``engine``.
        accept: For a pipeline, codes of problems that its verdict may have; the run says so.
        files: For a URL, a local file that is served instead.
        network: What keeps pipelines from leaving this machine, besides the proxy: ``namespace``,
            a network of their own, which a Linux system must permit; ``guard``, a hook of Python's
            own connections; ``auto``, the first where it can be had.
        allow: What pipelines may reach all the same: ``host:port``, ``host`` for the ports 80 and
            443, or the absolute path of a socket.
        ports: For a service, a fixed port instead of a free one.
        gcp_project: The Google Cloud project that the private services play.
        postgres: The address of a PostgreSQL that is there already, used in place of a private
            one: ``postgresql://user:password@host:port/database``. The run gets a database of
            its own on it, which is dropped at the end.
        gcs: The address of a Cloud Storage emulator that is there already: ``http://host:port``.
        bigquery: The address of a BigQuery emulator that is there already.
        real_location: Where the bucket and the dataset of ``real_google`` are made.
        real_google: A real Google Cloud project to use, with a throw-away bucket and dataset. It
            must be typed as an option each time: no file or variable can set it.
        record: Whether requests go to their origins, and what comes back is kept. Only the
            command ``record`` sets it.
        resolve: For a host, the address that is asked in its place while recording.
        match_headers: Request headers that choose what is answered, while recording.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Path = Path()
    fixtures: Path = Path("fixtures")
    contracts: Path | None = None
    provider: Literal["embedded", "docker"] = "embedded"
    images: dict[Imaged, str] = Field(default_factory=dict)
    dockerfile: Path | None = None
    build_args: dict[str, str] = Field(default_factory=dict)
    at: Annotated[datetime | None, BeforeValidator(_moment)] = None
    deadline: float = Field(default=300.0, gt=0)
    mage_version: str = "0.9.80"
    mage_python: Path | None = None
    python: str = f"{sys.version_info.major}.{sys.version_info.minor}"
    requirements: Path | None = None
    cache: Path = Field(default_factory=lambda: user_cache_path("mage-harness"))
    env_file: Path | None = None
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    profiles: tuple[str, ...] = ()
    sleep: Literal["real", "short"] = "real"
    runner: Literal["auto", "warm", "cold"] = "auto"
    needs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    entry: dict[str, Literal["pipeline", "blocks", "engine"]] = Field(default_factory=dict)
    accept: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    files: dict[str, Path] = Field(default_factory=dict)
    network: Literal["auto", "namespace", "guard"] = "auto"
    allow: tuple[str, ...] = ()
    ports: dict[str, Annotated[int, Field(ge=1, le=65535)]] = Field(default_factory=dict)
    gcp_project: str = "harness-project"
    postgres: str | None = None
    gcs: str | None = None
    bigquery: str | None = None
    real_location: str = "US"
    real_google: str | None = None
    record: bool = False
    resolve: dict[str, str] = Field(default_factory=dict)
    match_headers: tuple[str, ...] = ()


def load_settings(
    *,
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    here: Path | None = None,
) -> Settings:
    """Read the settings.

    Args:
        start: Folder from which ``pyproject.toml`` is looked for, upwards; the current one if
            not given.
        environ: The environment; ``os.environ`` if not given. Tables are written as JSON.
        options: Settings by name that beat all others; those that are None are left out. Tables
            of ``files`` and ``ports``, and the list of ``allow``, are added to those of the file.
        here: The folder that relative paths in variables and options are relative to; the
            current one if not given.

    Raises:
        SettingsError: A file cannot be read, or a setting is unknown or has no usable value.
    """
    here = (here or Path.cwd()).absolute()
    start = (start or here).absolute()
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    file = find(start)
    if file is not None:
        table = table_of(file)
        values.update(anchored(table, file.parent))
        sources.update(dict.fromkeys(table, f"[tool.mage-harness] in {file}"))
    else:
        values.update(anchored({"project": ".", "fixtures": "fixtures"}, start))
    for name in Settings.model_fields:
        variable = VARIABLE_PREFIX + name.upper()
        if variable in environ:
            values.update(anchored({name: _from_text(name, environ[variable])}, here))
            sources[name] = variable
    for name, (what, remedy) in _TYPED.items():
        if name in values:
            raise SettingsError(
                f"{what} cannot be set in a file or variable",
                evidence=[f"from {sources[name]}"],
                remedy=remedy,
            )
    for name, value in (options or {}).items():
        if value is not None:
            given = anchored({name: value}, here)[name]
            values[name] = _added(values.get(name), given) if name in _ADDED else given
            sources[name] = f"--{_OPTIONS.get(name, name.replace('_', '-'))}"
    if values.get("real_google") is not None:
        values["gcp_project"] = values["real_google"]
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explained(error, sources) from error


def _from_text(name: str, text: str) -> Any:
    """A variable's text as a value: tables are written as JSON."""
    kind = get_origin(Settings.model_fields[name].annotation)
    if kind not in {dict, tuple}:
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingsError(
            f"the variable {VARIABLE_PREFIX}{name.upper()} is not JSON",
            cause=str(error),
            evidence=[text],
            remedy='write it as a JSON object, such as {"name": "value"}'
            if kind is dict
            else 'write it as a JSON list, such as ["value"]',
        ) from error


def _added(before: Any, given: Any) -> Any:
    """What an option gives, with what the file or a variable gives besides."""
    if isinstance(before, dict):
        return {**before, **given}
    return [*before, *given] if isinstance(before, list) else given


def _explained(error: ValidationError, sources: Mapping[str, str]) -> SettingsError:
    evidence = []
    for part in error.errors():
        name = str(part["loc"][0])
        source = sources.get(name, "default")
        place = ".".join(str(piece) for piece in part["loc"])
        evidence.append(f"{place}: {part['msg']} (from {source})")
    known = ", ".join(sorted(Settings.model_fields))
    return SettingsError(
        "the settings cannot be used",
        evidence=evidence,
        remedy=f"correct the setting where it is written; known settings: {known}",
    )
