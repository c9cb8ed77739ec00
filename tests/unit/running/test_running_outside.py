"""What a run wrote on this machine itself is named."""

from __future__ import annotations

import os

import pytest

from harness.project.reader import read_project
from harness.running.outside import written_outside

BEGAN = 1_700_000_000.0
CODE = """\
import pandas as pd
import pyarrow.dataset as ds
import pyarrow.parquet as pq


@custom
def write(table, *args, **kwargs):
    year = kwargs['year']
    with open('{there}/note.txt', 'w') as file:
        file.write('x')
    pd.DataFrame().to_parquet(f'{there}/trips_{{year}}.parquet')
    pq.write_to_dataset(table, root_path='{there}/lake', partition_cols=['day'])
    pd.read_csv('{there}/read.csv')
    pd.DataFrame().to_csv('out/relative.csv')
    pd.DataFrame().to_csv('/home/src/data/led.csv')
    open('/dev/null', 'w').write('x')
"""


@pytest.fixture
def there(tmp_path):
    folder = tmp_path / "data"
    (folder / "lake" / "day=1").mkdir(parents=True)
    return folder


@pytest.fixture
def outside(tmp_path, there):
    """What is told of a pipeline that names paths below a folder."""
    root = tmp_path / "shop"
    (root / "pipelines" / "p").mkdir(parents=True)
    (root / "custom").mkdir()
    (root / "metadata.yaml").write_text("project_type: standalone\n")
    (root / "pipelines" / "p" / "metadata.yaml").write_text(
        "name: p\nuuid: p\ntype: python\nblocks:\n"
        "- {uuid: write, name: write, type: custom, language: python, upstream_blocks: []}\n"
    )
    (root / "custom" / "write.py").write_text(CODE.format(there=there))
    project = read_project(root)
    return lambda: written_outside(project, project.pipeline("p"), since=BEGAN)


def written(file, *, at):
    file.write_text("x")
    os.utime(file, (at, at))


def test_only_what_is_new_is_named(outside, there):
    assert outside() == []
    for name in ("note.txt", "trips_2020.parquet", "lake/day=1/a.parquet"):
        written(there / name, at=BEGAN - 1)
    written(there / "read.csv", at=BEGAN + 1)
    assert outside() == []
    for name in ("note.txt", "trips_2021.parquet", "lake/day=1/b.parquet"):
        written(there / name, at=BEGAN + 1)
    (line,) = outside()
    assert line == (
        "written on this machine itself, outside of the run: "
        f"{there}/note.txt, {there}/trips_2021.parquet, {there}/lake"
    )


def test_of_many_some_are_named(outside, there):
    for number in range(7):
        written(there / f"trips_{number}.parquet", at=BEGAN + 1)
    (line,) = outside()
    assert line.endswith(" and 2 more")


@pytest.mark.parametrize(
    "path", ["/", "/.", "//", "/tmp", "/{name}", "{there}/{name}", "{there}/{a}/{b}"]
)
def test_a_path_that_could_be_any_file_is_not_looked_at(tmp_path, there, path):
    root = tmp_path / "any"
    (root / "pipelines" / "p").mkdir(parents=True)
    (root / "custom").mkdir()
    (root / "metadata.yaml").write_text("project_type: standalone\n")
    (root / "pipelines" / "p" / "metadata.yaml").write_text(
        "name: p\nuuid: p\ntype: python\nblocks:\n"
        "- {uuid: write, name: write, type: custom, language: python, upstream_blocks: []}\n"
    )
    named = path.replace("{there}", str(there))
    (root / "custom" / "write.py").write_text(
        "import pandas as pd\n\n\n@custom\ndef write(name, a, b, *args, **kwargs):\n"
        f"    pd.DataFrame().to_csv(f'{named}')\n"
    )
    written(there / "of_somebody_else.csv", at=BEGAN + 1)
    project = read_project(root)
    assert written_outside(project, project.pipeline("p"), since=BEGAN) == []
