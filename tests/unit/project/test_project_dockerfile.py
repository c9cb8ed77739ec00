"""What a project's Dockerfile installs belongs to Mage's environment too."""

from __future__ import annotations

import pytest

from harness.project.dockerfile_installs import read_installs
from harness.project.reader import read_project
from harness.project.recipe import mage_recipe
from harness.settings import Settings

MAGE = "FROM mageai/mageai:latest\n"


@pytest.fixture
def installs(tmp_path):
    """The packages that a Dockerfile installs."""

    def of(text, *, known=None):
        file = tmp_path / "Dockerfile"
        file.write_text(text)
        lines = read_installs(file, folders=(tmp_path,), known=known, version="0.9.80")
        return [(line.number, line.text) for line in lines]

    return of


@pytest.mark.parametrize(
    ("written", "packages"),
    [
        ("RUN pip3 install --no-cache-dir requests pandas", ["requests", "pandas"]),
        (
            "RUN python3 -m pip install 'polars>=1,<2' \"duckdb[all]\"",
            ["polars>=1,<2", "duckdb[all]"],
        ),
        ("RUN pip install --upgrade google-cloud-storage>=2.7.0", ["google-cloud-storage"]),
        ("RUN pip install --upgrade pip && pip install -i https://example.com/ ibis", ["ibis"]),
        (
            "RUN apt-get update && apt-get install -y python3-pip; pip install psycopg2",
            ["psycopg2-binary"],
        ),
        ("RUN --mount=type=cache,target=/x uv pip install --system ibis", ["ibis"]),
        ('RUN ["pip", "install", "ibis"]', ["ibis"]),
        ("RUN pip install ${WANTED} ibis", ["", "ibis"]),
        ("RUN pip install mage-ai", [""]),
        ("RUN echo 'it is not pip' install", []),
        ("RUN pip freeze", []),
        ("# RUN pip install ibis", []),
        ("RUN pip install 'unended", []),
    ],
)
def test_packages_of_a_run_are_read_as_the_shell_reads_them(installs, written, packages):
    assert installs(MAGE + written) == [(2, package) for package in packages]


def test_an_instruction_over_several_lines_is_named_by_its_first(installs):
    text = MAGE + "RUN apt-get update \\\n && pip install \\\n    ibis \\\n  narwhals\nCMD x\n"
    assert installs(text) == [(2, "ibis"), (2, "narwhals")]


def test_only_the_last_stage_counts_and_only_if_it_is_mages(installs):
    assert installs("FROM python:3\nRUN pip install flask") == []
    assert installs(f"FROM python:3 AS built\nRUN pip install flask\n{MAGE}") == []
    assert installs("FROM python:3\nRUN pip install mage-ai ibis") == [(2, ""), (2, "ibis")]


def test_a_requirements_file_of_another_name_is_found_by_its_name(installs, tmp_path):
    (tmp_path / "extra.txt").write_text("ibis\n")
    (tmp_path / "requirements.txt").write_text("narwhals\n")
    text = MAGE + "RUN pip install -r /tmp/extra.txt -r /x/requirements.txt --requirement=/no.txt"
    assert installs(text, known=tmp_path / "requirements.txt") == [(1, "ibis")]


def test_what_requirements_name_is_theirs_and_the_key_is_of_both(tmp_path):
    project = tmp_path / "shop"
    (project / "pipelines").mkdir(parents=True)
    (project / "metadata.yaml").write_text("project_type: standalone\n")
    (project / "requirements.txt").write_text("pandas==2.1.4\n")
    settings = Settings(project=project)
    before = mage_recipe(settings, read_project(project))
    (tmp_path / "Dockerfile").write_text(MAGE + "RUN pip install pandas ibis psycopg2\n")
    after = mage_recipe(settings, read_project(project))

    assert [line.text for line in after.lines] == ["pandas==2.1.4", "ibis", "psycopg2-binary"]
    assert "psycopg2-binary>=2.9.9" not in after.packages
    assert after.notes == (
        "Dockerfile:2: psycopg2 is taken as psycopg2-binary: it has to be compiled with pg_config",
    )
    assert before.key != after.key
