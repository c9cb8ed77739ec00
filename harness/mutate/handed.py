"""A mutant on its way to another process: the file that pytest is given by ``--mage-mutant``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


def hand(file: Path, changed: Mapping[Path, str]) -> None:
    """Write files of a project in another text, for ``handed``.

    Args:
        file: Where to, new or overwritten, readable by its owner only.
        changed: The texts by file, relative to the project.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8") as stream:
        json.dump({str(one): text for one, text in changed.items()}, stream)


def handed(file: Path) -> dict[Path, str]:
    """The texts that ``hand`` wrote, by file.

    Args:
        file: What ``--mage-mutant`` names.

    Raises:
        InputError: It is no such file.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
        return {Path(one): str(text) for one, text in content.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"--mage-mutant {file} cannot be read",
            cause=str(error),
            remedy="leave the option to: mage-harness mutate PIPELINE --tests PATH",
        ) from error
