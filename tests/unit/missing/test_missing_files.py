"""Local files that a pipeline reads and that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.missing.files import absent_files, where_to_put
from harness.missing.having import Having
from harness.missing.lacking import lacking
from harness.missing.want import Want, wants
from harness.project.model import Block, Pipeline, Project

PANDAS = "import os\nimport pandas as pd\n"


@pytest.fixture
def asked(tmp_path):
    """The files that a block with some text lacks."""
    (tmp_path / "shop/lookups").mkdir(parents=True)
    (tmp_path / "shop/lookups/rates.csv").touch()
    (tmp_path / "zones.csv").touch()

    def of(text):
        (tmp_path / "shop/b.py").write_text(PANDAS + text)
        block = Block(uuid="b", name="b", type="custom", language="python", file=Path("b.py"))
        pipeline = Pipeline(
            uuid="p",
            type="python",
            name="p",
            folder=Path("pipelines/p"),
            metadata=Path("pipelines/p/metadata.yaml"),
            blocks=(block,),
        )
        project = Project(path=tmp_path / "shop", name="shop", pipelines=(pipeline,))
        return [one.name for one in wants(project, pipeline) if one.kind == "file"]

    return of


@pytest.mark.parametrize(
    ("text", "lacked"),
    [
        ("pd.read_csv('/home/src/trips.csv')", ["/home/src/trips.csv"]),
        ("pd.read_csv('/home/src/zones.csv')", []),
        ("pd.read_csv('lookups/rates.csv')\nos.listdir('lookups')", []),
        ("os.listdir('/home/src/inbox')", ["/home/src/inbox"]),
        ("pd.read_csv('D:/a/trips.csv')\nopen('D:/lookups/rates.csv')", ["D:/a/trips.csv"]),
        ("x.to_csv('out/t.csv')\npd.read_csv('out/t.csv')", []),
        ("x.to_csv(f'out/{n}.csv')\npd.read_csv('out/t.csv')", []),
        ("pd.read_csv(f'/home/src/{name}.csv')", []),
        ("from dotenv import dotenv_values\ndotenv_values('.env')\nopen('x/.env.dev')", []),
        ("open('/home/src/google-cred.json')\npd.read_csv('/home/src/*.csv')", []),
    ],
)
def test_what_is_read_and_not_there(asked, text, lacked):
    assert asked(text) == lacked


def test_what_another_pipeline_writes_is_none_of_it(tmp_path):
    sources = {
        "reads": "pd.read_csv('/home/src/out/a.csv')",
        "writes": "x.to_csv(f'/home/src/out/{n}.csv')",
    }
    pipelines = []
    for uuid, text in sources.items():
        (tmp_path / f"{uuid}.py").write_text(PANDAS + text)
        file = Path(f"{uuid}.py")
        block = Block(uuid=uuid, name=uuid, type="custom", language="python", file=file)
        pipelines.append(
            Pipeline(
                uuid=uuid,
                type="python",
                name=uuid,
                folder=Path("pipelines") / uuid,
                metadata=Path("pipelines") / uuid / "metadata.yaml",
                blocks=(block,),
            )
        )
    alone = Project(path=tmp_path, name="shop", pipelines=(pipelines[0],))
    both = Project(path=tmp_path, name="shop", pipelines=tuple(pipelines))
    assert [one.name for one in wants(alone, pipelines[0]) if one.kind == "file"]
    assert not [one.name for one in wants(both, pipelines[0]) if one.kind == "file"]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/home/src/data/t.csv", "put it into the folder above the project, as data/t.csv"),
        ("D:\\me\\data\\t.csv", "put it into the project, as data/t.csv"),
        ("data/t.csv", "put it into the project, as data/t.csv"),
        ("/srv/t.csv", "put it there, or under /home/src in the source, which is the run's own"),
    ],
)
def test_each_is_told_with_the_place_to_put_it(path, where):
    assert where_to_put(path) == where
    want = Want(kind="file", name=path, block="b", file="b.py", line=3)
    having = Having(variables=frozenset(), secrets=frozenset(), urls=frozenset(), lacks=frozenset)
    (problem,) = lacking([want], having, pipeline="p")
    assert (problem.code, problem.message) == ("missing-file", f"there is no file {path}: {where}")


def test_a_project_without_files_lacks_none(tmp_path):
    assert not list(absent_files(Project(path=tmp_path, name="x", pipelines=()), []))
