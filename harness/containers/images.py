"""Images by name: there already, or pulled with progress, or missing with a reason."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from harness.containers.explain import disk_full, explained, is_full
from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.containers.engine import Engine

_OTHER = "name another image by `images` in [tool.mage-harness]"
_REMEDY = (
    f"{_OTHER}; where nothing can be pulled, `python docker/build.py` of this project makes "
    'stand-ins; or set provider = "embedded"'
)
_REASONS: tuple[tuple[str, str, str], ...] = (
    (
        "invalid reference|invalid tag|repository name must be",
        "that is no name of an image",
        "write it as NAME:TAG, in small letters",
    ),
    (
        "toomanyrequests|rate limit",
        "the registry's rate limit is reached",
        f"log in (`docker login`), wait, or {_OTHER}, such as a mirror's",
    ),
    (
        "no matching manifest|does not match the specified platform",
        "it is not made for this kind of processor",
        f"{_OTHER} that is made for it",
    ),
    (
        "docker-credential|credential store|credentials store",
        "the program that keeps your passwords of registries did not work",
        "see `credsStore` and `credHelpers` in ~/.docker/config.json",
    ),
    (
        "no such host|server misbehaving|dial tcp|timeout|refused|unreachable|proxy|x509|eof",
        "the registry cannot be reached from the engine",
        f"see whether `docker pull` works, and the engine's proxy settings; {_REMEDY}",
    ),
    (
        "repository does not exist|denied|unauthorized|authentication|no basic auth",
        "there is no such image, or the registry wants to know who you are",
        f"see whether its name is right, log in (`docker login`), or {_REMEDY}",
    ),
    (
        "manifest unknown|manifest for|not found|no such image",
        "the registry has no image or tag of that name",
        f"see whether its name and tag are right; {_REMEDY}",
    ),
)
_INTERVAL = 1.0


def ensure_image(engine: Engine, name: str, *, progress: Callable[[str], None]) -> None:
    """Make sure that the engine has an image; pull it only where it is missing.

    Args:
        engine: The engine.
        name: The image's name, with its tag or digest.
        progress: Takes a line at most once a second while it is pulled.

    Raises:
        EnvironmentNotAbleError: It cannot be had; the message says why and what to do.
        ServiceError: The engine does not answer.
    """
    image = _look(engine, name)
    if image is None:
        _pull(engine, name, progress)
        image = _look(engine, name) or {}
    made_for = image.get("Architecture")
    if made_for and engine.facts.architecture and made_for != engine.facts.architecture:
        progress(
            f"the image {name} is for {made_for}, and this machine is {engine.facts.architecture}: "
            "it runs slowly or not at all"
        )


def is_here(engine: Engine, name: str) -> bool:
    """Whether the engine has an image, so that nothing needs to be pulled.

    Args:
        engine: The engine.
        name: The image's name, with its tag or digest.

    Raises:
        ServiceError: The engine does not answer.
    """
    return _look(engine, name) is not None


def _look(engine: Engine, name: str) -> dict[str, Any] | None:
    from docker.errors import APIError, NotFound  # noqa: PLC0415

    with explained(engine, doing=f"looking for the image {name}"):
        try:
            return dict(engine.client.images.get(name).attrs)
        except NotFound:
            return None
        except APIError as error:
            if error.status_code != HTTPStatus.BAD_REQUEST:
                raise
            raise missing(name, str(error.explanation or error)) from error


def _pull(engine: Engine, name: str, progress: Callable[[str], None]) -> None:
    from docker.errors import APIError, DockerException  # noqa: PLC0415
    from docker.utils import parse_repository_tag  # noqa: PLC0415

    repository, tag = parse_repository_tag(name)
    progress(f"image {name}: pulling it")
    with (
        explained(engine, doing=f"pulling the image {name}"),
        engine.session() as client,
    ):
        try:
            events = client.api.pull(repository, tag=tag or "latest", stream=True, decode=True)
            failure = _told(events, name, progress)
        except APIError as error:
            failure = str(error.explanation or error)
        except DockerException as error:
            failure = str(error)
    if failure:
        raise missing(name, failure)
    progress(f"image {name}: pulled")


def missing(name: str, detail: str) -> EnvironmentNotAbleError:
    """The error for an image that cannot be pulled.

    Args:
        name: The image.
        detail: Why, in the engine's words.
    """
    if is_full(detail):
        return disk_full(doing=f"pulling the image {name}", detail=detail)
    cause, remedy = next(
        ((cause, remedy) for signs, cause, remedy in _REASONS if re.search(signs, detail.lower())),
        ("the registry or the engine refused", _REMEDY),
    )
    return EnvironmentNotAbleError(
        f"the image {name} is not there and cannot be pulled",
        cause=cause,
        evidence=[detail.strip()],
        remedy=remedy,
    )


def _told(events: Iterable[dict[str, Any]], name: str, progress: Callable[[str], None]) -> str:
    """Tell of a pull's progress in one line at a time; return why it failed, if it did."""
    layers: dict[str, tuple[int, int]] = {}
    done: set[str] = set()
    failure = ""
    last = time.monotonic()
    for event in events:
        if "error" in event:
            failure = str(event["error"])
        key, status = event.get("id", ""), event.get("status", "")
        detail = event.get("progressDetail") or {}
        if status == "Pulling fs layer":
            layers.setdefault(key, (0, 0))
        elif status == "Downloading":
            layers[key] = (detail.get("current", 0), detail.get("total", 0))
        elif status in {"Pull complete", "Already exists"}:
            layers.setdefault(key, (0, 0))
            done.add(key)
        now = time.monotonic()
        if now - last >= _INTERVAL and layers:
            last = now
            got, whole = (sum(part) / 1e6 for part in zip(*layers.values(), strict=True))
            progress(
                f"image {name}: {len(done)} of {len(layers)} layers, {got:.0f} of {whole:.0f} MB"
            )
    return failure
