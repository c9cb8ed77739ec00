"""What is said where there are no walls."""

from __future__ import annotations

import subprocess

from harness.enclosure.plan import Enclosure
from harness.running.walls import Walls

TRUE = ["true"]


def test_paths_that_take_a_namespace_are_named(tmp_path):
    said: list[str] = []
    walls = Walls("guard", enclosure=Enclosure, progress=said.append)

    def popen(command: list[str], *, inherited: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        assert inherited == ()
        return subprocess.Popen(command, start_new_session=True)

    shown = (("/x", "/home/src"), ("/y", "/home/src/shop"))
    for wanted in ((), shown):
        walls.start(TRUE, folder=tmp_path, popen=popen, shown=wanted).end()

    assert said == ["note: without a namespace nothing is seen at /home/src, /home/src/shop"]
