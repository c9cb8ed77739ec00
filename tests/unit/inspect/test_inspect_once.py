"""A pipeline's source is looked at once within a run, and anew after it."""

from __future__ import annotations

import pytest

from harness.inspect.inspection import inspect
from harness.inspect.kept import Inspections, looked_once
from harness.project.reader import read_project

METADATA = """type: python
blocks:
- {uuid: one, type: data_loader, upstream_blocks: [], downstream_blocks: []}
"""
CODE = "import pandas as pd\n\n@data_loader\ndef load():\n    pd.read_csv('https://a.org/{}.csv')\n"


@pytest.fixture
def shop(tmp_path):
    for name, text in (
        ("pipelines/p/metadata.yaml", METADATA),
        ("data_loaders/one.py", CODE.format("before")),
    ):
        (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / name).write_text(text)
    return read_project(tmp_path / "shop")


def test_what_was_seen_holds_within_and_no_longer(shop):
    def seen(**environ):
        found = inspect(shop, shop.pipeline("p"), environ=environ)
        return [use.name for use in found.sources]

    with looked_once():
        assert seen() == ["https://a.org/before.csv"]
        shop.within("data_loaders/one.py").write_text(CODE.format("after"))
        assert seen() == ["https://a.org/before.csv"]
        # Other variables may fill other holes.
        assert seen(YEAR="2021") == ["https://a.org/after.csv"]
        with looked_once():
            assert seen() == ["https://a.org/after.csv"]
        assert seen() == ["https://a.org/before.csv"]
    assert seen() == ["https://a.org/after.csv"]


@pytest.fixture
def run(shop):
    """Gives what a run of a session sees."""
    kept = Inspections()

    def seen():
        with looked_once(kept):
            return inspect(shop, shop.pipeline("p"))

    return seen


def names(found):
    return [use.name for use in found.sources]


def test_unchanged_source_is_not_looked_at_again(run):
    assert run() is run()


HELPER = "def url():\n    return 'https://a.org/{}.csv'\n"
HELPED = (
    "import pandas as pd\nfrom utils.names import url\n\n"
    "@data_loader\ndef load():\n    pd.read_csv(url())\n"
)


def test_an_edited_block_is_looked_at_again(shop, run):
    file = shop.within("data_loaders/one.py")
    found = [names(run())]
    # Of the same size, as an editor may leave it.
    file.write_text(CODE.format("after!"))
    found.append(names(run()))
    file.unlink()
    found.append(names(run()))
    file.write_text("not python (")
    found.append(names(run()))
    file.write_text(CODE.format("before"))
    found.append(names(run()))
    before, after = (["https://a.org/before.csv"], ["https://a.org/after!.csv"])
    assert found == [before, after, [], [], before]


def test_an_edited_helper_is_looked_at_again(shop, run):
    shop.within("data_loaders/one.py").write_text(HELPED)
    helper, package = shop.within("utils/names.py"), shop.within("utils/names/__init__.py")
    beside = shop.path.parent / "utils/names.py"
    found = [names(run())]
    for file, name in ((beside, "beside"), (helper, "old"), (helper, "new"), (package, "package")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HELPER.format(name))
        found.append(names(run()))
    helper.unlink()
    found.append(names(run()))
    known = [names[0].removeprefix("https://a.org/") if names else "" for names in found[1:]]
    assert known == ["beside.csv", "old.csv", "new.csv", "new.csv", "package.csv"]


def test_an_edited_profile_is_looked_at_again(shop, run):
    shop.within("data_loaders/one.py").write_text(
        "from mage_ai.io.config import ConfigFileLoader\nfrom mage_ai.io.postgres import Postgres\n"
        "\n@data_loader\ndef load():\n"
        "    return Postgres.with_config(ConfigFileLoader('io_config.yaml', 'default')).load('SELECT * FROM t')\n"
    )
    found = []
    for name in (None, "ONE", "TWO"):
        if name is not None:
            text = f"default:\n  POSTGRES_HOST: \"{{{{ env_var('{name}') }}}}\"\n"
            shop.within("io_config.yaml").write_text(text)
        found.append([use.name for use in run().of("environment")])
    assert found == [[], ["ONE"], ["TWO"]]


def test_an_edited_sql_block_is_looked_at_again(shop):
    shop.within("pipelines/p/metadata.yaml").write_text(
        "type: python\nblocks:\n- {uuid: one, type: data_loader, language: sql, "
        "upstream_blocks: [], downstream_blocks: [], configuration: {data_provider: postgres}}\n"
    )
    project, kept, found = read_project(shop.path), Inspections(), []
    for table in ("trips", "zones"):
        project.within("data_loaders/one.sql").write_text(f"SELECT * FROM {table}")
        with looked_once(kept):
            found.append(names(inspect(project, project.pipeline("p"))))
    assert found == [["trips"], ["zones"]]


def test_a_project_that_was_read_again_is_looked_at_again(shop):
    kept, found = Inspections(), []
    for value in ("one", "two"):
        metadata = f"{METADATA}variables: {{{value}: 1}}\n"
        shop.within("pipelines/p/metadata.yaml").write_text(metadata)
        project = read_project(shop.path)
        with looked_once(kept):
            seen = inspect(project, project.pipeline("p"))
        found.append([use.name for use in seen.of("variable")])
    assert found == [["one"], ["two"]]
