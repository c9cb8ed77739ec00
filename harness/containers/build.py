"""An image built from a Dockerfile, once for each content, with its steps shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.containers import dockerfile as dockerfiles
from harness.containers.context import read_context
from harness.containers.explain import disk_full, explained, is_full
from harness.containers.images import ensure_image
from harness.errors import EnvironmentNotAbleError, HarnessError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from harness.containers.context import Context
    from harness.containers.engine import Engine

_LABEL = "mage-harness.image"
_LARGE = 200e6
_LINES = 20
_WIDTH = 100
_STEP = re.compile(r"Step (\d+/\d+) : (.*)")
_NOISE = re.compile(r" --->|Remov(ing|ed) intermediate container")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_BUILDKIT = re.compile(
    r"requires BuildKit|unknown flag: (mount|chmod|link|security|network|parents|exclude)",
    re.IGNORECASE,
)
_HERE_DOCUMENT = re.compile(r"^\s*(RUN|COPY|ADD)\b.*<<-?[\"']?\w", re.MULTILINE | re.IGNORECASE)
_WRITTEN = re.compile(
    r"parse error|unknown instruction|cannot be empty|no build stage|COPY failed|ADD failed"
    r"|no such file or directory|file not found in build context|invalid from flag",
    re.IGNORECASE,
)


def build_image(
    engine: Engine,
    *,
    dockerfile: Path,
    context: Path,
    build_args: Mapping[str, str],
    name: str,
    progress: Callable[[str], None],
) -> str:
    """Build an image, unless one of the same content is there.

    The same content is: the Dockerfile, the build arguments, the files that are sent, and the
    images that it builds on. Images of other content stay; all carry the label
    ``mage-harness.image``, by which ``docker image prune --all --filter label=...`` finds them.

    Args:
        engine: The engine.
        dockerfile: The Dockerfile.
        context: The folder whose files it may copy; ``.dockerignore`` in it is heeded.
        build_args: Values of its arguments.
        name: What the image is called.
        progress: Takes a line for each step.

    Returns:
        The image's name and tag.

    Raises:
        InputError: The Dockerfile cannot be read or is wrong, or needs BuildKit.
        EnvironmentNotAbleError: A step failed, an image that it builds on cannot be had, or the
            engine's disk is full.
        ServiceError: The engine does not answer.
    """
    text = read_dockerfile(dockerfile)
    parents = {}
    for parent in dockerfiles.parents(text, build_args=build_args):
        ensure_image(engine, parent, progress=progress)
        with explained(engine, doing=f"looking for the image {parent}"):
            parents[parent] = str(engine.client.images.get(parent).id)
    sent = read_context(context, dockerfile)
    tag = f"mage-harness/{_slug(name)}:{sent.key(build_args=build_args, parents=parents)}"
    if not _exists(engine, tag):
        _note_size(sent, progress)
        _build(engine, sent, tag=tag, build_args=build_args, name=name, progress=progress)
    return tag


def read_dockerfile(dockerfile: Path) -> str:
    """The text of a Dockerfile.

    Args:
        dockerfile: The file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return dockerfile.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the Dockerfile {dockerfile} cannot be read",
            cause=str(error),
            remedy="correct the setting `dockerfile`",
        ) from error


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "image"


def _exists(engine: Engine, tag: str) -> bool:
    from docker.errors import NotFound  # noqa: PLC0415

    with explained(engine, doing=f"looking for the image {tag}"):
        try:
            engine.client.images.get(tag)
        except NotFound:
            return False
    return True


def _note_size(sent: Context, progress: Callable[[str], None]) -> None:
    size = sent.size
    if size > _LARGE:
        progress(
            f"{size / 1e6:.0f} MB in {sent.folder} are sent to the engine: name what the image "
            f"does not need in {sent.folder / '.dockerignore'}"
        )


def _build(
    engine: Engine,
    sent: Context,
    *,
    tag: str,
    build_args: Mapping[str, str],
    name: str,
    progress: Callable[[str], None],
) -> None:
    from docker.errors import APIError  # noqa: PLC0415

    with (
        explained(engine, doing=f"building the image of {name}"),
        sent.archive() as archive,
        engine.session() as client,
    ):
        try:
            events = client.api.build(
                fileobj=archive,
                custom_context=True,
                dockerfile=sent.dockerfile_name,
                tag=tag,
                buildargs=dict(build_args),
                labels={_LABEL: _slug(name)},
                rm=True,
                forcerm=True,
                decode=True,
            )
            told = _told(events, name, progress)
        except APIError as error:
            told = _Told(failure=str(error.explanation or error))
    if told.failure:
        raise _failed(name, sent, told)


class _Told:
    """What a build has said.

    Attributes:
        step: The last step that was begun.
        lines: What it printed.
        failure: Why the build ended, in the engine's words; empty where it did not fail.
    """

    def __init__(self, *, failure: str = "") -> None:
        self.step = ""
        self.lines: list[str] = []
        self.failure = failure


def _told(events: Iterable[dict[str, Any]], name: str, progress: Callable[[str], None]) -> _Told:
    told = _Told()
    for event in events:
        if "error" in event:
            told.failure = str(event["error"])
        for line in str(event.get("stream", "")).splitlines():
            text = _COLOUR.sub("", line).rstrip()
            if step := _STEP.fullmatch(text):
                told.step, told.lines = f"step {step[1]}: {step[2]}", []
                progress(f"image {name}: {told.step[:_WIDTH]}")
            elif text and not _NOISE.match(text):
                told.lines.append(text)
    return told


def _failed(name: str, sent: Context, told: _Told) -> HarnessError:
    symptom = f"the image of {name} cannot be built from {sent.dockerfile}"
    evidence = [line for line in (told.step, *told.lines[-_LINES:]) if line]
    if is_full(told.failure):
        return disk_full(doing=f"building the image of {name}", detail=told.failure)
    if _BUILDKIT.search(told.failure) or _HERE_DOCUMENT.search(sent.dockerfile.read_text("utf-8")):
        return InputError(
            symptom,
            cause=f"it is written for BuildKit, which the harness does not use: {told.failure}",
            evidence=evidence,
            remedy="build it yourself (`docker build -t NAME .`), and name it as mage in "
            "[tool.mage-harness.images]",
        )
    kind = InputError if _WRITTEN.search(told.failure) and not told.lines else None
    return (kind or EnvironmentNotAbleError)(
        symptom,
        cause=told.failure.strip(),
        evidence=evidence,
        remedy=f"see whether `docker build {sent.folder}` works, and correct the Dockerfile; or "
        "name an image that is there as mage in [tool.mage-harness.images]",
    )
