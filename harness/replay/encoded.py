"""Content codings: a body's file is plain, and is coded for a client that accepts it."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.replay.recording import Recording

_PIECE = 1 << 20


def accepted(coding: str, header: str) -> bool:
    """Whether a client accepts a content coding (RFC 9110, 12.5.3).

    Args:
        coding: The coding.
        header: Its ``accept-encoding``; an empty text where it sent none.
    """
    weights = {}
    for part in header.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        weights[name.strip()] = parameter.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00")
    return weights.get(coding, weights.get("*", False))


class Encoder:
    """Codes bodies, each once.

    Args:
        folder: A private folder for coded bodies; it is made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def body(self, recording: Recording, header: str) -> tuple[Path | None, str]:
        """The file to send for a recording, and the coding that it has.

        Args:
            recording: The recording.
            header: The request's ``accept-encoding``.

        Raises:
            OSError: The body cannot be read, or the coded one not be written.
        """
        plain = recording.body
        if plain is None or not recording.encoding or not accepted(recording.encoding, header):
            return plain, ""
        file = self._folder / f"{recording.sha256}.{recording.encoding}"
        if not file.exists():
            self._folder.mkdir(mode=0o700, exist_ok=True)
            part = file.with_suffix(".part")
            _encode(plain, part, coding=recording.encoding)
            part.replace(file)
        return file, recording.encoding


def _encode(plain: Path, coded: Path, *, coding: str) -> None:
    if coding == "gzip":
        # The least packing is the quickest, and nothing is sent far.
        with plain.open("rb") as source, gzip.open(coded, "wb", compresslevel=1) as sink:
            shutil.copyfileobj(source, sink, _PIECE)
        return
    # Only the proxy codes: the harness itself reads cassettes without mitmproxy.
    from mitmproxy.net.encoding import encode  # noqa: PLC0415

    coded.write_bytes(encode(plain.read_bytes(), coding))
