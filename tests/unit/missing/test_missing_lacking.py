"""What blocks ask for by name, and which of it a run has not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.missing.having import Having, answered, lacked_by
from harness.missing.lacking import lacking
from harness.missing.want import Want, wants
from harness.project.model import Block, Pipeline, Project

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
        ("get_secret_value('token')", [("secret", "token")]),
        ("get_secret_value(name)", []),
        ("os.environ['TOKEN']", [("variable", "TOKEN")]),
        ("os.environ.get('TOKEN')\nos.environ['TOKEN'] = '1'\nos.getenv('TOKEN', '2')", []),
        ("f('https://a.org/t.csv')", [("url", "https://a.org/t.csv")]),
        ("f(f'https://a.org/{y}.csv')", [("url", "https://a.org/{}.csv")]),
        ('"""See https://docs.org/t.csv"""', []),
        ("# https://docs.org/t.csv\nthis is no Python", []),
    ],
)
def test_what_a_block_asks_for(asked, text, found):
    assert asked(text) == found


def want(kind, name, **more):
    return Want(kind=kind, name=name, block="b", file="b.py", line=3, **more)


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
    ("url", "whole", "urls", "refused", "lacked"),
    [
        ("https://a.org/t.csv", False, [], [], True),
        ("https://a.org/t.csv", False, ["https://A.org:443/t.csv"], [], False),
        ("https://a.org/t.csv", False, [], ["https://a.org/t.csv"], False),
        ("https://a.org/api", True, [], [], True),
        ("https://a.org/api", False, [], [], False),
        ("https://a.org/api", True, ["https://a.org/api?page=1"], [], False),
        ("https://a.org/{}.csv", False, ["https://a.org/2021.csv"], [], False),
        ("https://a.org/{}.csv", False, ["https://a.org/x/2021.csv"], [], True),
        ("https://a.org/{}.csv", False, [], ["https://a.org/2021.csv"], True),
        ("https://{}.org/t.csv", False, [], [], False),
        ("http://localhost:8000/t.csv", True, [], [], False),
        ("https://storage.googleapis.com/b/t.csv", True, [], [], False),
        ("https://[broken/t.csv", True, [], [], False),
    ],
)
def test_a_recording_that_is_lacked(url, whole, urls, refused, lacked):
    found = codes(want("url", url, whole=whole), urls=urls, refused=refused)
    assert found == ["missing-recording"] * lacked


def test_each_message_has_the_line_to_write_and_each_thing_comes_once():
    having = Having(variables=frozenset(), secrets=frozenset(), urls=frozenset(), lacks=frozenset)
    asked = [
        want("package", "sklearn"),
        want("package", "sklearn"),
        want("secret", "token"),
        want("variable", "HOOK"),
        want("url", "https://a.org/t.csv"),
        want("url", "https://a.org/{}.csv"),
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
    want = Want(
        kind="url", name="https://a.org/t.csv?key=k1", block="b", file="b.py", line=1, whole=True
    )

    def told(*refused):
        having = Having(
            variables=frozenset(),
            secrets=frozenset(),
            urls=frozenset(),
            refused=answered(refused),
            lacks=lambda _names: frozenset(),
        )
        return lacking([want], having, pipeline="p")

    assert len(told()) == 1
    assert told("https://a.org/t.csv?key=***") == []
