"""Requirements files with their oddities, and what is said where they cannot be met."""

from __future__ import annotations

import codecs

import pytest

from harness.errors import ProjectError
from harness.project.requirements import read_requirements
from harness.project.uvrun import explain


@pytest.fixture
def read(tmp_path):
    """The lines that a file means, and what is said of them."""

    def of(text):
        file = tmp_path / "requirements.txt"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        _, lines = read_requirements(file, version="0.9.80")
        return lines

    return of


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("pandas", "pandas"),
        ("pandas>=2 ; python_version < '3.12'  # why", None),
        ("# a note", "# a note"),
        ("sklearn==1.2", "scikit-learn==1.2"),
        ("psycopg2==2.9.9", "psycopg2-binary==2.9.9"),
        ("PIL", "Pillow"),
        ("libpq-dev", ""),
        ("build-essential", ""),
        ("os", ""),
        ("datetime", ""),
        ("pip install polars duckdb", "polars duckdb"),
        ("!pip install polars", "polars"),
        ("numpy=1.26.0", "numpy==1.26.0"),
        ("numpy=1.26.0=py311h64a7726_0", "numpy==1.26.0"),
        ("idna @ file:///croot/idna_1666125576474/work", "idna"),
        ("-e .", ""),
        ("-e git+https://example.com/x.git#egg=x", None),
        ("--trusted-host example.com", ""),
        ("--no-cache-dir", ""),
        ("--extra-index-url https://example.com/simple", None),
        ("https://example.com/x-1.0-py3-none-any.whl", None),
        ("./nowhere", ""),
        ("mage-ai", ""),
        ("mage-ai[postgres]==0.9.70", ""),
    ],
)
def test_a_line_is_taken_as_it_is_meant(read, written, given):
    (line,) = read(f"{written}\n")
    assert line.text == (written if given is None else given)
    same = line.text == written or written == "mage-ai"
    assert bool(line.note) is not same
    assert not line.note or line.note.startswith(f"requirements.txt:1: {written} is ")


@pytest.mark.parametrize(
    "raw",
    [
        codecs.BOM_UTF8 + b"idna\r\npandas\r\n",
        "\ufeffidna\r\npandas\r\n".encode("utf-16-le"),
        "\ufeffidna\npandas\n".encode("utf-16-be"),
        "idna\r\npandas\r\n".encode("utf-16-le"),
    ],
)
def test_files_of_windows_are_read(read, raw):
    assert [line.text for line in read(raw)] == ["idna", "pandas"]


def test_what_stands_there_under_its_right_name_too_is_given_once(read):
    lines = read("psycopg2==2.9.1\npsycopg2-binary==2.9.9\n")
    assert [line.text for line in lines] == ["", "psycopg2-binary==2.9.9"]


def test_included_files_are_read_with_their_own_places(read, tmp_path):
    (tmp_path / "more.txt").write_text("idna\nsklearn\n")
    (tmp_path / "limits.txt").write_text("idna<4\n")
    lines = read("-r more.txt\n-c limits.txt\npandas\n")
    assert [(line.place, line.text) for line in lines] == [
        ("more.txt:1", "idna"),
        ("more.txt:2", "scikit-learn"),
        ("requirements.txt:2", f"-c {tmp_path / 'limits.txt'}"),
        ("requirements.txt:3", "pandas"),
    ]


HEAD = "error: No solution found when resolving dependencies\n  cause: "
UNSATISFIABLE = "we can conclude that your requirements are unsatisfiable."
DIRECT = (
    f"{HEAD}Because mage-ai>=0.9.80 depends on requests>=2.31.0,<2.32.dev0 and you require "
    "mage-ai==0.9.80, we can conclude that you require requests>=2.31.0,<2.32.dev0.\n"
    f"         And because you require requests==2.32.3, {UNSATISFIABLE}\n"
)
BY_ANOTHER = (
    f"{HEAD}Because dbt-core==1.9.0 depends on protobuf>=5.0,<6.0 and mage-ai>=0.9.80 depends on "
    "protobuf>=6.0,<7, we can conclude that dbt-core==1.9.0 and mage-ai>=0.9.80 are "
    "incompatible.\n         And because you require mage-ai==0.9.80 and dbt-core==1.9.0, "
    f"{UNSATISFIABLE}\n"
)
NO_PACKAGE = (
    f"{HEAD}Because {{0}} was not found in the package registry and you require {{0}}, "
    f"{UNSATISFIABLE}\n"
)
NO_VERSION = (
    f"{HEAD}Because there is no version of idna==99 and you require idna==99, {UNSATISFIABLE}\n"
)
NOT_READ = (
    "error: Couldn't parse requirement in `requirements.txt` at position 5\n"
    "  cause: Expected one of `@`, `(`, `<`, found `b`\n         foo bar baz\n             ^\n"
)
NOT_BUILT = "error: Failed to build `prophet==1.0`\n  cause: The build backend returned an error\n"


@pytest.mark.parametrize(
    ("text", "said", "told"),
    [
        (
            "pandas\nrequests==2.32.3 # newest\n",
            DIRECT,
            [
                "requirements.txt:2: requests==2.32.3",
                "mage-ai>=0.9.80 asks for requests>=2.31.0,<2.32.dev0",
                "write requests>=2.31.0,<2.32 in line 2 of requirements.txt",
            ],
        ),
        (
            "# models\ndbt_core==1.9.0\n",
            BY_ANOTHER,
            [
                "requirements.txt:2: dbt_core==1.9.0",
                "dbt-core==1.9.0 asks for protobuf>=5.0,<6.0",
                "mage-ai>=0.9.80 asks for protobuf>=6.0,<7",
                "change line 2 of requirements.txt",
            ],
        ),
        (
            "idna\npands\n",
            NO_PACKAGE.format("pands"),
            ["requirements.txt:2: there is no package pands", "write pandas"],
        ),
        (
            "idna==99\n",
            NO_VERSION,
            ["requirements.txt:1: there is no version that fits idna==99"],
        ),
        (
            "idna\nfoo bar baz\n",
            NOT_READ,
            ["requirements.txt:2: 'foo bar baz' cannot be read", "Expected one of"],
        ),
        ("prophet==1.0\n", NOT_BUILT, ["requirements.txt:1: prophet==1.0 cannot be built"]),
    ],
)
def test_what_cannot_be_met_is_told_by_its_lines(read, tmp_path, text, said, told):
    error = explain(said.splitlines(), doing="building", folder=tmp_path, lines=read(text))
    for part in told:
        assert part in str(error)
    assert error.remedy


def test_what_no_line_asks_for_is_told_in_the_resolvers_words(read, tmp_path):
    error = explain(DIRECT.splitlines(), doing="b", folder=tmp_path, lines=read("idna\n"))
    assert isinstance(error, ProjectError)
    assert "you require requests==2.32.3" in str(error)
