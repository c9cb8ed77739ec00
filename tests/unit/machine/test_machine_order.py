"""A command for the guardian finds the harness wherever this process found it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import harness
from harness.machine.order import order

SHOW = """
import sys
sys.path.insert(0, sys.argv[1])
import json
from harness.machine.order import order
print(json.dumps(order("harness.shown", "a b", variables=["GIVEN", "NOT"])))
"""


def test_a_harness_that_only_the_path_knows_is_found(tmp_path):
    known = tmp_path / "known"
    machine = known / "harness" / "machine"
    machine.mkdir(parents=True)
    for made in (known / "harness", machine):
        (made / "__init__.py").write_text("")
    shutil.copy(Path(harness.__file__).parent / "machine" / "order.py", machine)
    (known / "harness" / "shown.py").write_text("import sys; print(__file__, sys.argv[1:])")
    # What lies in the folder where it starts is not taken for modules.
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", SHOW, "known"],
        cwd=tmp_path,
        env={"GIVEN": "x"},
        capture_output=True,
        check=True,
        text=True,
    )
    command, variables = json.loads(done.stdout)
    assert variables.pop("GIVEN") == "x"
    assert list(variables) == ["PYTHONPATH"]
    shown = subprocess.run(
        command, cwd="/", env=variables, capture_output=True, check=True, text=True
    )
    assert shown.stdout == f"{known / 'harness' / 'shown.py'} ['a b']\n"


def test_the_folder_where_a_process_is_is_left_out(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "/some/where"])
    _, variables = order("x")
    found = variables["PYTHONPATH"].split(":")
    assert found == ["/some/where", str(Path(harness.__file__).parents[1])]
