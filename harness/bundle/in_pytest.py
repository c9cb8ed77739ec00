"""``--mage-bundle``: the bundles of runs that fail in tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bundle.bundles import Bundles

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from harness.running.result import PipelineRun
    from harness.running.session import Session

_PLAIN = re.compile(r"[^A-Za-z0-9_]+")
_LONGEST = 120


def bundler(request: pytest.FixtureRequest, session: Session) -> Callable[[PipelineRun], None]:
    """What is told of each run of a test, and makes its bundle where it failed.

    Args:
        request: Of the test.
        session: Where its pipelines run.
    """
    folder = request.config.getoption("--mage-bundle")
    if folder is None:
        return lambda _run: None
    # A file of the test's own, also where several processes run tests.
    test = _PLAIN.sub("-", f"{request.path.stem}-{request.node.name}").strip("-")[:_LONGEST]
    bundles = Bundles(folder=Path(request.config.rootpath, folder), test=test)
    bundles.watch(session)

    def told(run: PipelineRun) -> None:
        made = bundles.ended(session, run)
        if made is not None:
            request.node.user_properties.append(("mage_bundle", str(made)))

    return told
