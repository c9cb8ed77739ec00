"""What blocks ask for by name, and which of it a run has not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.missing.having import Having, answered, lacked_by
from harness.missing.lacking import lacking
from harness.missing.want import Want, wants
from harness.project.model import Block, Pipeline, Project

SECRETS = "from mage_ai.data_preparation.shared.secrets import get_secret_value\n"
WEB = "from urllib.request import urlopen\n"
SERVER = "import pymongo\n"
IMPORTED = (("package", "pymongo"),)
SPARK = "from pyspark.sql import SparkSession\n"
SESSION = (("package", "pyspark"),)
FLAKE = "from mage_ai.io.snowflake import Snowflake\n"
PROJECT = Path(__file__).parents[2] / "projects" / "lacks_much"


@pytest.fixture
def asked(tmp_path):
    """What a block with some text asks for: kind and name."""

    def of(text):
        (tmp_path / "b.py").write_text(text)
        (tmp_path / "utils").mkdir(exist_ok=True)
        block = Block(uuid="b", name="b", type="custom", language="python", file=Path("b.py"))
        pipeline = Pipeline(
            uuid="p",
            type="python",
            name="p",
            folder=Path("pipelines/p"),
            metadata=Path("pipelines/p/metadata.yaml"),
            blocks=(block,),
        )
        project = Project(path=tmp_path, name=tmp_path.name, pipelines=(pipeline,))
        return [(one.kind, one.name) for one in wants(project, pipeline)]

    return of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import nobody.x as y", [("package", "nobody")]),
        ("from nobody.x import y", [("package", "nobody")]),
        ("import os, json\nfrom mage_ai.io import x\nfrom utils.a import b\nfrom . import c", []),
        ("try:\n    import nobody\nexcept ImportError:\n    pass", []),
        ("try:\n    import nobody\nexcept (KeyError, ModuleNotFoundError):\n    pass", []),
        ("try:\n    import nobody\nexcept KeyError:\n    pass", [("package", "nobody")]),
        (f"{SECRETS}get_secret_value('token')", [("secret", "token")]),
        (f"{SECRETS}get_secret_value(name)", []),
        ("import os\nos.environ['TOKEN']", [("variable", "TOKEN")]),
        ("import os\nos.environ['TOKEN'] = '1'\nos.environ['TOKEN']", []),
        ("import os\nos.environ.get('TOKEN')\nos.getenv('TOKEN', '2')", []),
        (f"{WEB}urlopen('https://a.org/t.csv')", [("url", "https://a.org/t.csv")]),
        (f"{WEB}urlopen(f'https://a.org/{{y}}.csv')", [("url", "https://a.org/{y}.csv")]),
        (
            f"{WEB}urlopen('http://localhost:6789/api/pipeline_schedules/1')",
            [("service", "Mage's own server")],
        ),
        (f"{WEB}urlopen('https://a.org/' + kwargs)", [("url", "https://a.org/{kwargs}")]),
        ('"""See https://docs.org/t.csv"""', []),
        ("# https://docs.org/t.csv\nthis is no Python", []),
        (f"{SERVER}pymongo.MongoClient('db')", [*IMPORTED, ("service", "MongoDB")]),
        (
            f"{SPARK}SparkSession.builder.appName('x').getOrCreate()",
            [*SESSION, ("service", "Spark")],
        ),
        (
            f"{FLAKE}with Snowflake.with_config(c) as x:\n    x.export(d, 't')",
            [("service", "Snowflake")],
        ),
    ],
)
def test_what_a_block_asks_for(asked, text, found):
    assert asked(text) == found


def want(kind, name):
    return Want(kind=kind, name=name, block="b", file="b.py", line=3)


def codes(*wanted, urls=(), refused=(), variables=(), secrets=(), absent=()):
    having = Having(
        variables=frozenset(variables),
        secrets=frozenset(secrets),
        urls=answered(urls),
        refused=answered(refused),
        lacks=lambda names: frozenset(names) & frozenset(absent),
    )
    return [one.code for one in lacking(wanted, having, pipeline="p")]


def test_what_is_there_is_not_lacked():
    asked = (want("package", "a"), want("secret", "b"), want("variable", "C"))
    assert codes(*asked, variables=["C"], secrets=["b"]) == []
    assert codes(*asked, absent=["a"]) == ["missing-package", "missing-secret", "missing-variable"]


@pytest.mark.parametrize(
    ("url", "urls", "refused", "lacked"),
    [
        ("https://a.org/t.csv", [], [], True),
        ("https://a.org/t.csv", ["https://A.org:443/t.csv"], [], False),
        ("https://a.org/t.csv", [], ["https://a.org/t.csv"], False),
        ("https://a.org/api", [], [], True),
        ("https://a.org/api", ["https://a.org/api?page=1"], [], False),
        ("https://a.org/{y}.csv", ["https://a.org/2021.csv"], [], False),
        ("https://a.org/{y}.csv", ["https://a.org/x/2021.csv"], [], True),
        ("https://a.org/{y}.csv", [], ["https://a.org/2021.csv"], True),
        ("https://{}.org/t.csv", [], [], False),
        ("http://localhost:8000/t.csv", [], [], False),
        ("https://storage.googleapis.com/b/t.csv", [], [], True),
        ("https://[broken/t.csv", [], [], False),
    ],
)
def test_a_recording_that_is_lacked(url, urls, refused, lacked):
    found = codes(want("url", url), urls=urls, refused=refused)
    assert found == ["missing-recording"] * lacked


def test_each_message_has_the_line_to_write_and_each_thing_comes_once():
    having = Having(variables=frozenset(), secrets=frozenset(), urls=frozenset(), lacks=frozenset)
    asked = [
        want("package", "sklearn"),
        want("package", "sklearn"),
        want("secret", "token"),
        want("variable", "HOOK"),
        want("url", "https://a.org/t.csv"),
        want("url", "https://a.org/{y}.csv"),
    ]
    found = lacking(asked, having, pipeline="p")
    assert [one.message.rpartition(": ")[2] for one in found] == [
        "add the line scikit-learn to requirements.txt",
        'write token = "..." under [tool.mage-harness.secrets]',
        'write HOOK = "..." under [tool.mage-harness.env]',
        "mage-harness fixture 'https://a.org/t.csv'",
        "mage-harness record p",
    ]
    assert {(one.block, one.file, one.line) for one in found} == {("b", "b.py", 3)}


def test_which_modules_an_interpreter_lacks():
    lacks = lacked_by(Path(sys.executable))
    assert lacks(["json", "nobody_has_this", "pyarrow"]) == {"nobody_has_this"}
    assert lacks([]) == frozenset()


@pytest.mark.parametrize("python", [None, Path("/nowhere/python"), Path("/bin/false")])
def test_an_interpreter_that_cannot_be_asked_lacks_nothing(python):
    assert lacked_by(python)(["nobody_has_this"]) == frozenset()


def test_a_url_that_was_refused_is_told_once_though_its_secret_is_masked():
    asked = want("url", "https://a.org/t.csv?key=k1")

    def told(*refused):
        having = Having(
            variables=frozenset(),
            secrets=frozenset(),
            urls=frozenset(),
            refused=answered(refused),
            lacks=lambda _names: frozenset(),
        )
        return lacking([asked], having, pipeline="p")

    assert len(told()) == 1
    assert told("https://a.org/t.csv?key=***") == []


def test_a_server_that_no_run_has_is_told_for_each_file_with_what_to_do():
    having = Having(variables=frozenset(), secrets=frozenset(), urls=frozenset(), lacks=frozenset)
    asked = [
        want("service", "Snowflake"),
        want("service", "Snowflake"),
        Want(kind="service", name="Snowflake", block="c", file="c.py", line=7),
    ]
    found = lacking(asked, having, pipeline="p")
    assert [(one.code, one.block, one.file, one.line) for one in found] == [
        ("missing-service", "b", "b.py", 3),
        ("missing-service", "c", "c.py", 7),
    ]
    assert found[0].message.startswith("Snowflake is not supported yet, because there is no")
    assert 'allow = ["HOST:PORT"]' in found[0].message


@pytest.mark.parametrize("java", [None, "/usr/bin/java"])
def test_spark_is_lacked_where_there_is_no_java(monkeypatch, java):
    monkeypatch.setattr("harness.missing.service.shutil.which", {"java": java}.get)
    assert codes(want("service", "Spark")) == ["missing-service"] * (java is None)


def test_what_is_sent_somewhere_is_not_answered_by_a_file():
    asked = Want(kind="url", name="https://a.org/api", block="b", file="b.py", line=1, sends=True)
    having = Having(variables=frozenset(), secrets=frozenset(), urls=frozenset(), lacks=frozenset)
    (one,) = lacking([asked], having, pipeline="p")
    assert one.message.endswith("record it with: mage-harness record p")


@pytest.mark.parametrize("verb", ["get", "post", "put"])
def test_a_url_that_something_is_sent_to_is_known(tmp_path, verb):
    (tmp_path / "b.py").write_text(f"import requests\nrequests.{verb}('https://a.org/api')\n")
    block = Block(uuid="b", name="b", type="custom", language="python", file=Path("b.py"))
    pipeline = Pipeline(
        uuid="p",
        type="python",
        name="p",
        folder=Path("pipelines/p"),
        metadata=Path("pipelines/p/metadata.yaml"),
        blocks=(block,),
    )
    project = Project(path=tmp_path, name=tmp_path.name, pipelines=(pipeline,))
    sends = {one.name: one.sends for one in wants(project, pipeline)}
    assert sends == {"requests": False, "https://a.org/api": verb != "get"}
