"""The settings of a project that the bench has written itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.settings import Settings


def settings_of(project: Path, settings: Settings) -> Settings:
    """Settings that run such a project by the Mage of the user's.

    Args:
        project: The folder; what lies beside it is no part of it.
        settings: Those of the user's project.
    """
    own = settings.requirements or settings.project / "requirements.txt"
    return settings.model_copy(
        update={
            "project": project,
            "fixtures": project.parent / "fixtures",
            "contracts": None,
            "requirements": own if own.is_file() else None,
            "env": {},
            "env_file": None,
        }
    )
