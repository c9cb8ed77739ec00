"""What an archive says of itself: its members, what was left out, and what was taken out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError

NAME = "manifest.json"


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Plain):
    """A file of the archive.

    Attributes:
        name: Its path in the archive.
        size: Its bytes, unpacked.
        sha256: Its digest, in hexadecimal.
    """

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class LeftOut(_Plain):
    """Something that the archive has not, or has a part of only.

    Attributes:
        what: A member, or what would have been one.
        why: The reason, for a reader.
    """

    what: str
    why: str


class Manifest(_Plain):
    """The file ``manifest.json``; its JSON schema is published in docs/bundle.schema.json.

    Attributes:
        format: The version of the archive's form; another one where an older harness could not
            open it.
        pipeline: The pipeline's uuid.
        ok: Whether the run was a success.
        members: All other files of the archive, by name.
        left_out: What is not in it, or only in part, and why.
        scrubbed: Members in which a secret was replaced by the word ``scrubbed``.
    """

    format: Literal[1]
    pipeline: str
    ok: bool
    members: tuple[Member, ...]
    left_out: tuple[LeftOut, ...] = ()
    scrubbed: tuple[str, ...] = ()


def read_manifest(content: bytes, *, archive: str) -> Manifest:
    """The manifest of an archive.

    Args:
        content: The file.
        archive: The archive's name, for messages.

    Raises:
        InputError: It is none, or one of another version.
    """
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or NAME
        raise InputError(
            f"{archive} cannot be opened: its {NAME} is not one that this harness knows",
            cause=f"{place}: {first['msg']}",
            remedy="open it with the version of mage-harness that made it, or have it made anew",
        ) from error


def schema() -> dict[str, Any]:
    """The JSON schema of the manifest."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Manifest.model_json_schema(),
    }
