"""What fills the holes of names: lists of variables, and the environment of the settings."""

from __future__ import annotations

import pytest

from harness.inspect.inspection import inspect
from harness.project.reader import read_project

HEAD = "import os\nimport pandas as pd\n\n@data_loader\ndef load(*args, **kwargs):\n"


@pytest.fixture
def look(tmp_path):
    def looked(body, *, variables="{}", environ=None):
        root = tmp_path / "demo"
        metadata = (
            f"type: python\nvariables: {variables}\nblocks:\n"
            "- {uuid: one, type: data_loader, upstream_blocks: [], downstream_blocks: []}\n"
        )
        code = HEAD + "".join(f"    {line}\n" for line in body.splitlines())
        for name, text in (("pipelines/p/metadata.yaml", metadata), ("data_loaders/one.py", code)):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        project = read_project(root)
        return inspect(project, project.pipeline("p"), environ=environ)

    return looked


@pytest.mark.parametrize(
    "get", ["kwargs['kinds']", "kwargs.get('kinds')", "kwargs.get('kinds', [])"]
)
def test_a_list_of_a_variable_is_gone_through(look, get):
    found = look(
        f"for one in {get}:\n    pd.read_csv(f'https://a.org/{{one}}.csv')",
        variables="{kinds: [green, yellow]}",
    )
    assert [use.name for use in found.sources] == [
        "https://a.org/green.csv",
        "https://a.org/yellow.csv",
    ]
    assert not found.unknown


def test_a_list_that_is_a_default_is_gone_through(look):
    found = look("for m in kwargs.get('months', [1, 2]):\n    pd.read_csv(f'https://a.org/{m:02}')")
    assert [use.name for use in found.sources] == ["https://a.org/01", "https://a.org/02"]


def test_the_value_of_a_key_of_a_variable_is_known(look):
    found = look(
        "pd.read_csv(kwargs['source']['url'])", variables="{source: {url: 'https://a.org'}}"
    )
    assert [use.name for use in found.sources] == ["https://a.org"]


@pytest.mark.parametrize(
    "get", ["os.environ['LAKE']", "os.getenv('LAKE')", "os.environ.get('LAKE')"]
)
def test_variables_of_the_settings_are_filled_in(look, get):
    body = f"pd.read_csv(f'gs://{{{get}}}/a.csv')".replace("f'gs", 'f"gs').replace("csv')", 'csv")')
    assert look(body).sources[0].value == ""
    found = look(body, environ={"LAKE": "trips"})
    assert [use.value for use in found.sources] == ["trips/a.csv"]
    assert not found.unknown


def test_sql_that_cannot_be_read_is_told(look):
    found = look("pd.read_sql('select * frm a where (', con=None)")
    assert [(one.what, one.line) for one in found.unknown] == [
        ("the tables of SQL that cannot be read: select * frm a where (", 6)
    ]


def test_a_query_of_a_frame_is_no_sql(look):
    assert not look("pd.DataFrame().query('@a in (b')").unknown
