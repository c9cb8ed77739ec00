"""Whether another pipeline has run: Mage asks its scheduler's database, and a world has none."""

import functools
import json
import os
from typing import Any

from mage_harness_tap.after_import import after_import

_RAN = "MAGE_HARNESS_RAN"


def watch() -> None:
    """Answer ``check_status``, which sensors call, by the runs that the world has seen."""
    after_import("mage_ai.orchestration.run_status_checker", _watch)


def _watch(module: Any) -> None:
    check = module.check_status

    @functools.wraps(check)
    def checked(pipeline_uuid: str, *_args: Any, **_kwargs: Any) -> bool:
        ran = json.loads(os.environ.get(_RAN) or "{}")
        if pipeline_uuid not in ran:
            raise RuntimeError(
                "mage-harness: this waits for a run of the pipeline %s, and there was none before "
                "it in this world: run that one first, or name it under "
                "[tool.mage-harness.needs]" % pipeline_uuid
            )
        if not ran[pipeline_uuid]:
            raise RuntimeError(
                "mage-harness: the pipeline %s, which this waits for, has failed" % pipeline_uuid
            )
        return True

    module.check_status = checked
