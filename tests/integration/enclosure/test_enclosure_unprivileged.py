"""The same walls without any right of root: in a user namespace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.walls import needs_namespace

pytestmark = [needs_namespace, pytest.mark.slow]

FILES = [
    str(Path(__file__).with_name(name))
    for name in ("test_enclosure_doors.py", "test_enclosure_shown.py")
]
WITHOUT = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]


@pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("setpriv") is None,
    reason="only root has rights to go without; others have tried it by now",
)
def test_doors_and_paths_are_the_same_without_rights(pytestconfig: pytest.Config) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *FILES]
    done = subprocess.run(
        [*WITHOUT, *command],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
