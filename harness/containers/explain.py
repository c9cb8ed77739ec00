"""What the engine's refusals mean, and what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.containers.engine import Engine

_FULL = "no space left on device"
_REMEDIES = (
    (
        "executable file not found",
        "the image has no such program: see `images` in [tool.mage-harness]",
    ),
    ("exec format error", "the image is for another kind of processor: name one for this machine"),
    ("port is already allocated", "end what listens on that port"),
    ("bind source path does not exist", "the engine does not see this machine's folders"),
    ("mounts denied", "share that folder in the settings of Docker Desktop"),
)


def disk_full(*, doing: str, detail: str) -> EnvironmentNotAbleError:
    """The error for an engine whose disk has no room."""
    return EnvironmentNotAbleError(
        f"the engine's disk is full: {doing} did not work",
        cause="no space left in the engine's data folder",
        evidence=[detail.strip()[-300:]],
        remedy="see `docker system df`; `docker image prune` and `docker builder prune` remove "
        "what nothing uses",
    )


def is_full(detail: str) -> bool:
    """Whether the engine's words tell of a full disk."""
    return _FULL in detail.lower()


@contextmanager
def explained(engine: Engine, *, doing: str) -> Iterator[None]:
    """Turn what the client raises into an error that says what to do.

    Args:
        engine: The engine that is asked.
        doing: What is being done, such as ``starting postgres``.

    Raises:
        EnvironmentNotAbleError: The engine's disk is full.
        ServiceError: The engine refused, or does not answer.
    """
    from docker.errors import APIError, DockerException  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        yield
    except APIError as error:
        detail = str(error.explanation or error)
        if is_full(detail):
            raise disk_full(doing=doing, detail=detail) from error
        raise ServiceError(
            f"{doing} did not work: the Docker engine refused",
            cause=detail.strip(),
            evidence=[f"engine {engine.version} at {engine.socket}"],
            remedy=next(
                (remedy for words, remedy in _REMEDIES if words in detail.lower()),
                "see `docker info` and the engine's log (`journalctl -u docker`)",
            ),
        ) from error
    except (DockerException, RequestException, HTTPError, OSError) as error:
        raise away(engine, doing=doing, error=error) from error


def away(engine: Engine, *, doing: str, error: BaseException) -> ServiceError:
    """The error for an engine that was there, and answers no more."""
    return ServiceError(
        f"{doing} did not work: the Docker engine does not answer any more",
        cause="it was stopped or restarted, or hangs",
        evidence=[f"{engine.socket}: {error}"[:300]],
        remedy="see `systemctl status docker` and its log (`journalctl -u docker`), then run again",
    )
