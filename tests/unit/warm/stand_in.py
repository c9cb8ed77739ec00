"""A stand-in for Mage, of which only what is imported before a pipeline is looked at is there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.running.cold import command_of, environment_of
from harness.running.runner import RunRequest
from tests.unit.warm.warm_bench import ENV

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.unit.warm.warm_bench import Bench

MAIN = """import os, sys
def run(project_path):
    '''Run.'''
    from mage_ai.settings.repo import set_repo_path
    project_path = os.path.abspath(project_path)
    set_repo_path(project_path)
    from mage_ai.read import FOUND, EXTRA
    print(FOUND, EXTRA, os.environ['MAGE_HARNESS_RAN'], sys.argv[3:], sys.path.count('/above'))
"""
REPO = """import os, sys
path = None
def set_repo_path(given):
    global path
    path = given
    sys.path.append(os.path.dirname(given))
"""
READ = """import os
from mage_ai.settings import repo
FOUND = open(os.path.join(repo.path, 'metadata.yaml')).read()
open(os.path.join(os.environ['MAGE_DATA_DIR'], 'made'), 'x').close()
try:
    import extra as EXTRA
except ImportError:
    EXTRA = None
"""
SCRIPT = "import sys\nfrom mage_ai.cli.main import run\nrun(sys.argv[2])\n"


def make_stand_in(folder: Path, *, read: str = READ, more: Mapping[str, str] | None = None) -> None:
    """Make it, beside a script that runs it.

    Args:
        folder: Where.
        read: The module that ``run`` imports.
        more: Further modules, and their code.
    """
    files = {"cli/main.py": MAIN, "settings/repo.py": REPO, "read.py": read, **(more or {})}
    for name, text in files.items():
        file = folder / "bin" / "mage_ai" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(text)
    (folder / "bin" / "stand_in").write_text(SCRIPT)


def request_in(bench: Bench, folder: Path, *, text: str = "mine") -> RunRequest:
    """A request for a run in new folders.

    Args:
        bench: What runs it.
        folder: The run's own, which is not there yet.
        text: What is in the project's settings.
    """
    places = {name: folder / name for name in ("data", "logs", "project")}
    for place in places.values():
        place.mkdir(parents=True)
    (places["project"] / "metadata.yaml").write_text(text)
    return RunRequest(
        mage=(sys.executable, str(bench.script)),
        project=places["project"],
        pipeline="p",
        folder=places["logs"],
        env={**ENV, "MAGE_DATA_DIR": str(places["data"]), "MAGE_HARNESS_RAN": "before"},
        deadline=30.0,
    )


def begin(bench: Bench, request: RunRequest) -> None:
    """Begin with a run in the background.

    Args:
        bench: What runs it.
        request: For the run.
    """
    # What goes wrong here on purpose does not keep the next from beginning.
    bench.runner.ahead.missed = 0
    bench.runner.expect(command_of(request), request=request, env=environment_of(request))
