"""What a run by a trigger has, and a headless one has not: secrets and a date; and short waits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.running.child_environment import filled
from harness.tap import EXECUTION_DATE_VARIABLE, NAPS_VARIABLE, SECRETS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.settings import Settings

SHORT_NAP = 0.05
"""Seconds that a wait of block code takes at most, where waits are short."""


def lent(settings: Settings, values: Mapping[str, str]) -> dict[str, str]:
    """The tap's variables.

    Args:
        settings: With the secrets, and whether waits are short.
        values: What may be named in braces.

    Raises:
        InputError: A secret names something unknown in braces.
    """
    return {
        EXECUTION_DATE_VARIABLE: date_of(datetime.now(UTC)),
        NAPS_VARIABLE: str(SHORT_NAP) if settings.sleep == "short" else "",
        SECRETS_VARIABLE: json.dumps(filled(settings.secrets, values)),
    }


def date_of(moment: datetime) -> str:
    """A moment as the tap reads it.

    Args:
        moment: In UTC.
    """
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
