"""Tables and objects that blocks read and nobody has put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.missing.seeds import lacking_seeds
from harness.project.reader import read_project

PROJECTS = Path(__file__).parents[2] / "projects" / "public"
TAXI = Path(__file__).parents[3] / "mage_zoomcamp"


@pytest.fixture
def lacks():
    """What the blocks of a pipeline lack: block, line and message, where some is held."""

    def of(project, pipeline, *, held=(), blocks=None):
        read = read_project(PROJECTS / project)
        wanted = read.pipeline(pipeline)
        uuids = {one.uuid for one in wanted.blocks} if blocks is None else blocks
        found = lacking_seeds(read, wanted, blocks=uuids, held=held, environ={})
        assert {one.code for one in found} <= {"missing-seed"}
        return [(one.block, one.line, one.message) for one in found]

    return of


def test_a_table_that_nobody_writes_is_asked_for_as_a_seed(lacks):
    ((block, line, message),) = lacks("slack_report", "daily_report")
    assert (block, line) == ("load_sales", 17)
    assert "no table sales.daily in the private PostgreSQL" in message
    assert "fixtures/seeds/postgres/sales.daily.csv" in message
    assert "mage-harness record daily_report --sources" in message


def test_all_tables_of_a_query_are_told_but_those_that_are_there(lacks):
    assert len(lacks("several_profiles", "order_totals")) == 2
    ((_, _, message),) = lacks(
        "several_profiles", "order_totals", held=[("postgres", "shop.orders")]
    )
    assert "shop.order_items" in message
    held = [("postgres", "shop.orders"), ("postgres", "shop.order_items")]
    assert lacks("several_profiles", "order_totals", held=held) == []


def test_files_of_an_external_table_are_asked_for_and_not_the_tables_made_of_them(lacks):
    ((block, _, message),) = lacks("external_table", "gcs_to_bigquery")
    assert block == "create_tables"
    assert "no object dtc-data-lake-fhv/fhv/ in the private Cloud Storage" in message
    assert "fixtures/seeds/gcs/dtc-data-lake-fhv/fhv/..." in message
    held = [("gcs", "dtc-data-lake-fhv/fhv/fhv_tripdata_2019-01.parquet")]
    assert lacks("external_table", "gcs_to_bigquery", held=held) == []


def test_what_another_pipeline_writes_is_asked_of_that():
    read = read_project(TAXI)
    found = lacking_seeds(
        read,
        read.pipeline("gcs_to_bigquery"),
        blocks={one.uuid for one in read.pipeline("gcs_to_bigquery").blocks},
        held=(),
        environ={"BUCKET_NAME": "lake", "GCS_BUCKET": "lake", "GCP_PROJECT": "ours"},
    )
    assert found
    line = 'gcs_to_bigquery = ["api_to_gcs"] under [tool.mage-harness.needs]'
    assert all(line in one.message for one in found)


def test_a_table_without_a_schema_may_lie_in_any(tmp_path):
    block = "SELECT * FROM trips"
    (tmp_path / "pipelines/p").mkdir(parents=True)
    (tmp_path / "data_loaders").mkdir()
    (tmp_path / "metadata.yaml").write_text("project_type: standalone")
    (tmp_path / "data_loaders/load.sql").write_text(block)
    (tmp_path / "pipelines/p/metadata.yaml").write_text(
        "uuid: p\nname: p\ntype: python\nblocks:\n"
        "- {uuid: load, name: load, type: data_loader, language: sql, upstream_blocks: [],\n"
        "   downstream_blocks: [], configuration: {data_provider: postgres, use_raw_sql: true}}\n"
    )
    read = read_project(tmp_path)
    pipeline = read.pipeline("p")
    for name, count in (("dev.trips", 0), ("dev.other", 1)):
        held = [("postgres", name)]
        found = lacking_seeds(read, pipeline, blocks={"load"}, held=held, environ={})
        assert len(found) == count


def test_blocks_that_are_done_with_lack_nothing(lacks):
    assert lacks("slack_report", "daily_report", blocks={"send_report"}) == []


def test_a_table_of_mysql_is_asked_for_and_not_to_be_recorded(tmp_path):
    metadata = tmp_path / "pipelines" / "orders" / "metadata.yaml"
    metadata.parent.mkdir(parents=True)
    block = "{name: load, uuid: load, type: data_loader, language: python}"
    metadata.write_text(f"name: orders\nuuid: orders\ntype: python\nblocks: [{block}]\n")
    (tmp_path / "metadata.yaml").write_text("project_type: standalone\n")
    code = tmp_path / "data_loaders" / "load.py"
    code.parent.mkdir()
    code.write_text(
        "import pandas as pd\nimport pymysql\n\n\n@data_loader\ndef load(*args, **kwargs):\n"
        "    connection = pymysql.connect(host='db', database='shop')\n"
        "    return pd.read_sql('SELECT * FROM shop.orders', connection)\n"
    )
    read = read_project(tmp_path)
    (found,) = lacking_seeds(read, read.pipeline("orders"), blocks={"load"}, held=(), environ={})
    assert found.message == (
        "there is no table shop.orders in the private MySQL: put what it is to hold into "
        "fixtures/seeds/mysql/shop.orders.csv"
    )
    held = [("mysql", "shop.orders")]
    assert (
        lacking_seeds(read, read.pipeline("orders"), blocks={"load"}, held=held, environ={}) == []
    )


def test_a_table_that_is_read_before_it_is_written_is_asked_for(tmp_path):
    reads, writes = "SELECT upto FROM dw.control", "UPDATE dw.control SET upto = NOW()"
    metadata = ["type: python", "blocks:"]
    for uuid, up, down, query in (("r", "", "w", reads), ("w", "r", "", writes)):
        (tmp_path / "data_loaders").mkdir(exist_ok=True)
        (tmp_path / "data_loaders" / f"{uuid}.sql").write_text(query)
        metadata.append(
            f"- {{uuid: {uuid}, type: data_loader, language: sql, upstream_blocks: [{up}], "
            f"downstream_blocks: [{down}], configuration: {{data_provider: postgres, "
            "use_raw_sql: true}}"
        )
    (tmp_path / "pipelines" / "p").mkdir(parents=True)
    (tmp_path / "pipelines" / "p" / "metadata.yaml").write_text("\n".join(metadata))
    project = read_project(tmp_path)
    (found,) = lacking_seeds(project, project.pipeline("p"), blocks={"r", "w"}, held=[], environ={})
    assert (found.block, "dw.control" in found.message) == ("r", True)
