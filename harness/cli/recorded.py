"""What ``mage-harness record`` says of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.record.writer import Written

_SHOWN = 5


def summary(written: Written) -> list[str]:
    """What was recorded, and which tables a sample was asked of in vain.

    Args:
        written: The cassette.
    """
    parts = [
        counted(written.recordings, "recording"),
        f"{counted(written.bodies, 'file')} of {written.bytes / 2**20:.1f} MiB",
    ]
    if written.sampled:
        parts.append(f"{counted(written.sampled, 'sample')} in place of all rows")
    if written.scrubbed:
        parts.append(f"{counted(written.scrubbed, 'secret')} taken out")
    first = (
        f"Recorded {written.folder}: {', '.join(parts)}. Read its index.yaml before you share it."
    )
    return [first, *_kept_whole(written)]


def advice(volatile: Sequence[str]) -> str:
    """What to do about names in what is sent that were not the same again.

    Args:
        volatile: The names.
    """
    options = " ".join(f"--ignore {name}" for name in volatile)
    return (
        f"What the pipeline sends was not the same again in: {', '.join(volatile)}. If that is "
        f"another value each time, record it again with: --replace {options}"
    )


def _kept_whole(written: Written) -> list[str]:
    lines = [f"{name} is kept whole: {why}." for name, why in written.whole.items()]
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"So are {counted(more, 'other file')}."]
