"""A session on private services that get what they lack from given sources, and keep it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.gates.gate import Gate
from harness.machine.ports import HOST
from harness.running.session import Session
from harness.seeds.index import INDEX, read_index
from harness.seeds.reader import read_seeds
from harness.sources.opening import readers_of, sources_of
from harness.sources.shelf import Shelf
from harness.sources.stack import GatedStack
from harness.sources.writing import write_seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from harness.settings import Settings
    from harness.sources.limits import Limits
    from harness.sources.opening import Source
    from harness.sources.writing import Planted

_SHOWN = 20
_RECOGNISED = 8
"""Letters that a password must have to be told from data."""
_NAMES = ("postgres", "gcs", "bigquery", "real_google")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A session that records.

    Attributes:
        session: Runs pipelines.
        shelf: What has been fetched, and what could not be.
        sources: The sources by service.
        folder: The project's seeds.
        secrets: Values that no seed may hold.
    """

    session: Session
    shelf: Shelf
    sources: dict[str, Source]
    folder: Path
    secrets: tuple[str, ...]

    def trouble(self) -> InputError | None:
        """What the pipeline asked for and could not be fetched, each with the reason."""
        if not self.shelf.problems:
            return None
        problems = [f"{what}: {why}" for what, why in self.shelf.problems.items()]
        return InputError(
            "the sources cannot be recorded: what the pipeline asked for could not be kept",
            evidence=problems[:_SHOWN],
            remedy="see to each; --without NAME leaves one alone, as if it were not there, "
            "and a seed of your own is taken in its place",
        )

    def write(self, *, known: Iterable[str] = ()) -> Planted:
        """Keep what the pipeline read as seeds.

        Args:
            known: Further values that no seed may hold.

        Raises:
            InputError: A seed would hold a secret.
        """
        return write_seeds(
            self.folder,
            self.shelf.folder,
            [one for source in self.sources.values() for one in source.kept()],
            sources={name: source.shown for name, source in self.sources.items()},
            recorded=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            known=(*self.secrets, *known),
        )


@contextmanager
def recording(
    settings: Settings, *, limits: Limits, replace: bool, progress: Callable[[str], None]
) -> Iterator[Recording]:
    """Open the sources that the settings name, and a session on private services.

    Args:
        settings: The settings; the services that are given are the sources.
        limits: How much is fetched.
        replace: Whether what was recorded before is recorded anew.
        progress: Told in a line what goes on.

    Raises:
        InputError: No source is given, or one cannot be used.
        EnvironmentNotAbleError: A service or a source does not answer.
    """
    if not any(getattr(settings, name) is not None for name in _NAMES):
        raise InputError(
            "there is nothing to record from",
            remedy="name the sources: --postgres URL, --gcs URL, --bigquery URL or "
            "--real-google PROJECT",
        )
    if settings.provider == "docker":
        raise InputError(
            "sources are not recorded with containers",
            cause="their network is internal: nothing leaves it",
            remedy="record with --provider embedded; the seeds serve both",
        )
    own = private(settings)
    with ExitStack() as stack:
        services = stack.enter_context(GatedStack(own, progress=progress))
        start, draft = services.folder / "start", services.folder / "fetched"
        draft.mkdir(mode=0o700)
        _begin(settings.fixtures / "seeds", start / "seeds", replace=replace)
        session = Session(
            own.model_copy(update={"fixtures": start}), stack=services, progress=progress
        )
        session.plant()
        shelf = Shelf(folder=draft, limits=limits, progress=progress, seconds=settings.deadline)
        made: dict[str, Source] = sources_of(settings, services, shelf)
        services.start(made)
        for source in made.values():
            stack.enter_context(source)
        for name, reader in readers_of(made).items():
            to = getattr(services, name).listens_at
            gate = stack.enter_context(Gate(host=HOST, to=to, reader=reader))
            services.gates[name] = (to[1], gate.port)
        services.sources = tuple(made.values())
        yield Recording(
            session=session,
            shelf=shelf,
            sources=made,
            folder=settings.fixtures / "seeds",
            secrets=_secrets(settings),
        )


def private(settings: Settings) -> Settings:
    """The settings of the same run on private services alone.

    Args:
        settings: The settings.
    """
    return settings.model_copy(update=dict.fromkeys(_NAMES))


def _begin(folder: Path, start: Path, *, replace: bool) -> None:
    """Lay out the seeds that there are: what was recorded without rows is asked for again."""
    entries = {entry["seed"] for entry in read_index(folder)}
    if entries:
        start.mkdir(parents=True)
        (start / INDEX).symlink_to((folder / INDEX).absolute())
    filled = {file.rpartition(".")[0] for file in entries if not file.endswith(".sql")}
    for seed in read_seeds(folder):
        name = seed.file.relative_to(folder).as_posix()
        empty = name.endswith(".sql") and name.removesuffix(".sql") not in filled
        if name in entries and (replace or empty):
            continue
        place = start / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(seed.file.absolute())


def _secrets(settings: Settings) -> tuple[str, ...]:
    """The password of the source, where it is long enough to be told from data."""
    if settings.postgres is None:
        return ()
    from harness.services.given.postgres_url import parse  # noqa: PLC0415

    password = parse(settings.postgres).login.password
    return (password,) if len(password) >= _RECOGNISED else ()
