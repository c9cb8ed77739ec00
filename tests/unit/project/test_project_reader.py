from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from harness.errors import ProjectError
from harness.project.lint import lint
from harness.project.model import Project
from harness.project.reader import read_project

GOOD = """\
name: Taxi
type: python
uuid: other
variables:
  year: 2021
blocks:
- name: load it
  uuid: folder/load
  type: data_loader
  language: python
  upstream_blocks: []
  downstream_blocks:
  - count
- uuid: count
  type: data_exporter
  language: sql
  configuration:
    data_provider: postgres
  upstream_blocks:
  - folder/load
callbacks:
- uuid: notify
  type: callback
  upstream_blocks: [count]
conditionals:
- uuid: only_if
  type: conditional
  upstream_blocks: [count]
"""


def test_a_pipeline_is_read_with_its_blocks_edges_variables_and_lines(maker):
    maker.file("pipelines/taxi/metadata.yaml", GOOD)
    pipeline = read_project(maker.path).pipeline("taxi")
    load, count = pipeline.blocks
    assert (pipeline.name, pipeline.type, pipeline.variables) == ("Taxi", "python", {"year": 2021})
    assert pipeline.metadata == Path("pipelines/taxi/metadata.yaml")
    assert (load.uuid, load.name, load.file) == (
        "folder/load",
        "load it",
        Path("data_loaders/folder/load.py"),
    )
    assert (load.upstream, load.downstream, count.upstream) == ((), ("count",), ("folder/load",))
    assert count.file == Path("data_exporters/count.sql")
    assert (count.callback_blocks, count.conditional_blocks) == (("notify",), ("only_if",))
    assert (load.line, load.line_of("downstream_blocks"), count.line) == (7, 12, 14)
    assert count.line_of("nothing of the kind") == 14


def test_pipelines_in_sub_folders_have_their_path_as_uuid(maker):
    maker.pipeline("one", maker.block("a"))
    maker.pipeline("group/two", maker.block("a"))
    maker.file("pipelines/one/.variables/x/metadata.yaml", "not: a pipeline")
    project = read_project(maker.path)
    assert [pipeline.uuid for pipeline in project.pipelines] == ["group/two", "one"]


@pytest.mark.parametrize(
    ("declared", "file"),
    [
        ({"type": "custom"}, "custom/b.py"),
        ({"type": "transformer", "language": "r"}, "transformers/b.r"),
        ({"type": "data_loader", "language": "yaml"}, "data_loaders/b.yaml"),
        ({"type": "markdown", "language": "markdown"}, "markdowns/b.md"),
        ({"type": "sensor"}, "sensors/b.py"),
        ({"type": "global_data_product"}, None),
        ({"type": "data_loader", "language": "scala"}, None),
        ({"type": "dbt", "language": "sql"}, None),
        ({"type": "dbt", "language": "yaml"}, "dbts/b.yaml"),
        (
            {
                "type": "dbt",
                "language": "sql",
                "configuration": {"file_path": "dbt/demo/models/m.sql"},
            },
            "dbt/demo/models/m.sql",
        ),
        (
            {
                "type": "dbt",
                "language": "sql",
                "configuration": {"file_path": "demo/models/m.sql"},
            },
            # The project's own name in front is taken off; then the file is looked for.
            "models/m.sql",
        ),
        (
            {"type": "custom", "configuration": {"file_path": "custom/deep/x.py"}},
            "custom/deep/x.py",
        ),
        ({"type": "custom", "configuration": {"file_path": "deep/x.py"}}, "custom/deep/x.py"),
        ({"type": "custom", "configuration": {"file_path": "/else/x.py"}}, "/else/x.py"),
        # `file_source` counts in a platform of several projects only.
        ({"type": "custom", "configuration": {"file_source": {"path": "x.py"}}}, "custom/b.py"),
    ],
)
def test_the_file_of_a_block_is_the_one_that_mage_reads(maker, declared, file):
    maker.file("dbt/demo/models/m.sql", "select 1")
    maker.file("custom/deep/x.py", "")
    maker.pipeline("p", {"uuid": "b", **declared})
    (block,) = read_project(maker.path).pipeline("p").blocks
    assert block.file == (Path(file) if file else None)


def test_file_source_counts_in_a_platform(maker):
    maker.file("settings.yaml", "projects: {one: {}}")
    maker.file("x.py", "")
    maker.pipeline(
        "p", {"uuid": "b", "type": "custom", "configuration": {"file_source": {"path": "x.py"}}}
    )
    assert read_project(maker.path).pipeline("p").block("b").file == Path("x.py")


def test_a_replicated_block_has_the_code_of_its_original(maker):
    maker.pipeline(
        "p",
        {"uuid": "first", "type": "data_loader"},
        {"uuid": "again", "type": "data_loader", "replicated_block": "first"},
        {"uuid": "circle", "type": "data_loader", "replicated_block": "circle"},
    )
    pipeline = read_project(maker.path).pipeline("p")
    assert pipeline.block("again").file == Path("data_loaders/first.py")
    assert pipeline.block("circle").file == Path("data_loaders/circle.py")


def test_yaml_is_read_as_mage_reads_it(maker):
    maker.file(
        "pipelines/p/metadata.yaml",
        "x: &shared {data_provider: postgres}\n"
        "type: pyspark\ntype: python\n"
        "blocks:\n- uuid: 2021\n  type: data_loader\n"
        "  configuration:\n    <<: *shared\n    a: yes\n    b: 1e3\n",
    )
    pipeline = read_project(maker.path).pipeline("p")
    assert pipeline.type == "python"
    assert pipeline.blocks[0].uuid == "2021"
    assert pipeline.blocks[0].configuration == {
        "data_provider": "postgres",
        "a": True,
        "b": "1e3",
    }


def test_a_pipeline_that_does_not_exist_names_the_nearest_and_all(maker):
    maker.pipeline("api_to_gcs")
    maker.pipeline("gcs_to_bigquery")
    with pytest.raises(ProjectError) as caught:
        read_project(maker.path).pipeline("api_to_gsc")
    assert "did you mean api_to_gcs?" in str(caught.value)
    assert "api_to_gcs, gcs_to_bigquery" in str(caught.value)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("blocks:\n  - uuid: a\n bad", "pipelines/broken/metadata.yaml:3:"),
        ("blocks: [", "pipelines/broken/metadata.yaml:"),
        ("a: 1\n\tb: 2", "spaces instead of the tab"),
        ("name: {{ env_var('X') }}\n", "used as a key"),
        ("", "is empty"),
        ("- a\n- b\n", "must be a mapping"),
        ("just words", "must be a mapping"),
        ("blocks: {a: 1}", "metadata.yaml:1: blocks must be a list of blocks"),
        ("type: python\nblocks:\n- 7\n", "metadata.yaml:3: a block must be a mapping"),
        ("blocks:\n- type: custom\n", "metadata.yaml:2: a block's uuid must be"),
        ("blocks:\n- uuid: a\n  upstream_blocks:\n", "metadata.yaml:3: upstream_blocks of a"),
        ("blocks:\n- uuid: a\n  downstream_blocks: b\n", "metadata.yaml:3: downstream_blocks of a"),
        ("blocks:\n- uuid: a\n  configuration: [1]\n", "metadata.yaml:3: configuration must be"),
        ("variables: 3\n", "metadata.yaml:1: variables must be a mapping"),
        ("extensions:\n", "metadata.yaml:1: extensions must be"),
        ("a: &x [*x]\n", "endless"),
        ("a: 2020-99-99\n", "metadata.yaml:1:4: '2020-99-99'"),
        ("[" * 3000, "nested too deeply"),
        (b"name: caf\xe9\n", "is not UTF-8 text"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
    ],
)
def test_metadata_that_cannot_be_read_is_one_clear_error_and_hides_no_other(maker, text, said):
    maker.pipeline("good", maker.block("a"))
    maker.file("pipelines/broken/metadata.yaml", text)
    project = read_project(maker.path)
    assert [pipeline.uuid for pipeline in project.pipelines] == ["good"]
    with pytest.raises(ProjectError) as caught:
        project.pipeline("broken")
    assert said in str(caught.value)
    assert "remedy" in str(caught.value)
    assert "None" not in str(caught.value)


def test_the_line_of_an_unreadable_pipeline_is_kept(maker):
    maker.file("pipelines/broken/metadata.yaml", "blocks:\n- 7\n")
    (broken,) = read_project(maker.path).unreadable
    assert broken.line == 2


def test_a_folder_that_is_not_there_names_the_near_ones(tmp_path):
    (tmp_path / "mage_zoomcamp" / "pipelines" / "p").mkdir(parents=True)
    (tmp_path / "mage_zoomcamp" / "pipelines" / "p" / "metadata.yaml").write_text("blocks: []")
    with pytest.raises(ProjectError) as caught:
        read_project(tmp_path / "mage_zomcamp" / "x")
    assert "mage_zoomcamp?" in str(caught.value)


def test_a_folder_that_is_no_project_says_what_was_looked_for(tmp_path):
    (tmp_path / "inner" / "pipelines" / "p").mkdir(parents=True)
    (tmp_path / "inner" / "pipelines" / "p" / "metadata.yaml").write_text("blocks: []")
    with pytest.raises(ProjectError) as caught:
        read_project(tmp_path)
    assert "looked for: pipelines/" in str(caught.value)
    assert f"--project {tmp_path / 'inner'}" in str(caught.value)
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="is not a folder"):
        read_project(tmp_path / "file")
    with pytest.raises(ProjectError):
        read_project(Path("/nul\0byte"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_a_clear_error(maker):
    maker.path.chmod(0)
    try:
        with pytest.raises(ProjectError, match="cannot be read"):
            read_project(maker.path)
    finally:
        maker.path.chmod(0o700)


KEYS = st.sampled_from(
    [
        "uuid",
        "type",
        "language",
        "blocks",
        "name",
        "upstream_blocks",
        "downstream_blocks",
        "configuration",
        "variables",
        "callbacks",
        "extensions",
        "file_path",
        "replicated_block",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["data_loader", "python", "dbt", "sql", "a", "..", "/", "a\0b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
PIPELINES = st.fixed_dictionaries(
    {}, optional={"blocks": st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=3)}
) | st.dictionaries(KEYS, VALUES, max_size=5)


def _is_read_or_refused(root: Path, text: str | bytes) -> None:
    target = root / "pipelines" / "p" / "metadata.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    project = read_project(root)
    assert isinstance(project, Project)
    assert all(problem.message and problem.file for problem in lint(project))
    if project.unreadable:
        with pytest.raises(ProjectError):
            project.pipeline("p")
    else:
        assert project.pipeline("p").uuid == "p"


FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(content=PIPELINES)
def test_any_structure_is_a_project_or_a_clear_error(maker, content):
    stream = StringIO()
    YAML(typ="safe").dump(content, stream)
    _is_read_or_refused(maker.path, stream.getvalue())


@FUZZ
@given(
    text=st.binary(max_size=40)
    | st.text(alphabet="ab:-[]{}&*!|>%@`'\"#\n\t ?,0129.~<=\\", max_size=40)
)
def test_any_text_is_a_project_or_a_clear_error(maker, text):
    _is_read_or_refused(maker.path, text)


def test_the_projects_own_metadata_must_be_yaml_unless_it_is_a_template(maker):
    maker.pipeline("one", maker.block("a"))
    maker.file("metadata.yaml", "a: [1\nb: }\n")
    with pytest.raises(ProjectError, match=r"metadata\.yaml:2"):
        read_project(maker.path)
    maker.file("metadata.yaml", "variables_dir: {{ env_var('X') }}\n")
    assert len(read_project(maker.path).pipelines) == 1
