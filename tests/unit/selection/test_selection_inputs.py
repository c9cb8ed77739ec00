"""What a pipeline's run depends on: no less, and not all that there is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.inspect.importgraph import with_imports
from harness.project.reader import read_project
from harness.selection.looking import BY_CONTENT, OF_ALL, OF_NONE, OF_ONE, Looking
from harness.settings import Settings

if TYPE_CHECKING:
    from tests.unit.selection.conftest import Desk


def parts(desk: Any, pipeline: str = "orders", **given: Any) -> dict[str, str]:
    settings = desk.settings.model_copy(update=given)
    looking = Looking(read_project(settings.project), settings=settings, key=b"k")
    return dict(looking.inputs(pipeline, given={}).parts)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def test_modules_count_by_whatever_way_around(desk: Desk) -> None:
    found = parts(desk)
    assert {"utils/__init__.py", "utils/prices.py", "utils/money.py"} <= set(found)
    assert "utils/unused.py" not in found
    assert not {name for name in parts(desk, "other") if name.startswith("utils/")}


@pytest.mark.parametrize(
    ("file", "text", "hit"),
    [
        ("utils/money.py", "def m():\n    return 2\n", "orders"),
        ("data_loaders/load_orders.py", "x = 1\n", "orders"),
        ("pipelines/orders/triggers.yaml", "triggers: []\n", "orders"),
        ("pipelines/other/metadata.yaml", "uuid: other\ntype: python\nblocks: []\n", "other"),
        ("io_config.yaml", "version: 0.1.1\ndefault: {A: 1}\n", "both"),
        ("lookups/zones.csv", "zone\n2\n", "none"),
        ("utils/unused.py", "x = 1\n", "none"),
        ("README.md", "# x\n", "none"),
    ],
)
def test_a_change_hits_the_pipelines_that_it_can_change(
    desk: Desk, file: str, text: str, hit: str
) -> None:
    before = {uuid: parts(desk, uuid) for uuid in ("orders", "other")}
    desk.write(file, text)
    hits = {uuid for uuid, known in before.items() if changed(known, parts(desk, uuid))}
    assert hits == {"both": {"orders", "other"}, "none": set()}.get(hit, {hit})


def test_what_is_gone_and_what_takes_its_place_are_changes(desk: Desk) -> None:
    before = parts(desk)
    (desk.project / "utils" / "money.py").unlink()
    assert "utils/money.py" in changed(before, parts(desk))
    desk.write("utils/money/__init__.py", "def m():\n    return 1\n")
    assert {"utils/money.py", "utils/money/__init__.py"} <= changed(before, parts(desk))


def test_a_pipeline_that_reads_files_depends_on_the_data(desk: Desk) -> None:
    desk.write(
        "data_loaders/load_other.py",
        "import pandas as pd\n\n@data_loader\ndef load(*args, **kwargs):\n"
        "    return pd.read_csv('lookups/zones.csv')\n",
    )
    assert "lookups/zones.csv" in parts(desk, "other")
    assert "lookups/zones.csv" not in parts(desk, "orders")


@pytest.mark.parametrize("name", ["dbt_project.yml", "dbt_project.yaml"])
def test_a_pipeline_with_dbt_blocks_depends_on_what_dbt_reads(desk: Desk, name: str) -> None:
    block = "{uuid: dbt/shop/models/x, type: dbt, language: sql}"
    desk.write("pipelines/orders/metadata.yaml", f"uuid: orders\ntype: python\nblocks: [{block}]\n")
    desk.write(f"dbt/shop/{name}", "name: shop\n")
    desk.write("dbt/shop/models/x.sql", "select 1")
    desk.write("dbt/shop/target/manifest.json", "{}")
    assert {one for one in parts(desk) if one.startswith("dbt/")} == {
        f"dbt/shop/{name}",
        "dbt/shop/models/x.sql",
    }
    assert not [one for one in parts(desk, "other") if one.startswith("dbt/")]


def test_a_file_beside_the_project_counts_where_a_run_finds_it(desk: Desk) -> None:
    desk.write(
        "data_loaders/load_other.py",
        "import pandas as pd\n\n@data_loader\ndef load(*args, **kwargs):\n"
        "    return pd.read_csv('/home/src/data/zones.csv')\n",
    )
    desk.write("../data/zones.csv", "zone\n1\n")
    before = parts(desk, "other")
    desk.write("../data/zones.csv", "zone\n2\n")
    name = "/home/src/data/zones.csv, outside of the project"
    assert changed(before, parts(desk, "other")) == {name}


def test_code_that_chooses_its_imports_depends_on_all_modules(desk: Desk) -> None:
    desk.write("data_loaders/load_other.py", "import importlib\n")
    assert {"utils/unused.py", "utils/money.py"} <= set(parts(desk, "other"))


def test_a_loop_of_imports_and_a_file_that_is_no_python_end(desk: Desk) -> None:
    desk.write("utils/money.py", "from shop.utils import prices\n")
    desk.write("utils/prices.py", "from shop.utils.money import *\nimport shop.utils.broken\n")
    desk.write("utils/broken.py", "def (:\n")
    project = read_project(desk.project)
    found = with_imports(project, [Path("data_loaders/load_orders.py")])
    assert Path("utils/broken.py") in found.files
    assert not found.dynamic


def test_settings_and_needs_count(desk: Desk) -> None:
    before = parts(desk)
    secret = parts(desk, secrets={"token": "hunter2"})
    assert changed(before, secret) == {"setting secrets"}
    assert "hunter2" not in str(secret)
    assert changed(before, parts(desk, deadline=7.0)) == set()
    needing = parts(desk, needs={"orders": ("other",)})
    assert "data_loaders/load_other.py" in needing


def test_contract_seeds_and_mapped_files_count(desk: Desk, tmp_path: Path) -> None:
    desk.write(
        "data_loaders/load_orders.py",
        "import pandas as pd\nfrom mage_ai.io.postgres import Postgres\n\n"
        "@data_loader\ndef load(*args, **kwargs):\n"
        "    return pd.read_csv('https://x.example/a.csv')\n\n"
        "@data_exporter\ndef export(df, **kwargs):\n"
        "    with Postgres.with_config(None) as loader:\n        loader.export(df, 's', 't')\n",
    )
    before = parts(desk)
    contracts = tmp_path / "fixtures" / "contracts"
    contracts.mkdir(parents=True)
    (contracts / "orders.yaml").write_text("x: 1\n")
    seeds = tmp_path / "fixtures" / "seeds"
    (seeds / "postgres").mkdir(parents=True)
    (seeds / "postgres" / "s.t.csv").write_text("a\n1\n")
    mapped = tmp_path / "a.csv"
    mapped.write_text("a\n1\n")
    files = {"https://x.example/a.csv": mapped, "https://y.example/b.csv": mapped}
    assert changed(before, parts(desk, files=files)) == {
        "contract orders",
        "fixtures/seeds/postgres/s.t.csv",
        "the file for https://x.example/a.csv",
    }


def test_of_each_setting_somebody_has_said_whether_it_counts() -> None:
    said = [*OF_ALL, *OF_ONE, *BY_CONTENT, *OF_NONE]
    assert sorted(said) == sorted(Settings.model_fields)
