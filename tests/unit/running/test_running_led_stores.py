"""What stands before the calls of BigQuery's client takes their arguments in either form."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from harness.tap import SITE


class Client:
    project = "ours"

    def query(self, query, job_config=None):
        return query, job_config

    def load(self, file_obj, destination, rewind=False):
        return file_obj, destination, rewind


def table(name, default_project):
    dataset, _, table_id = name.partition(".")
    return SimpleNamespace(project=default_project, dataset_id=dataset, table_id=table_id)


@pytest.fixture
def stores(monkeypatch):
    monkeypatch.syspath_prepend(str(SITE))
    import mage_harness_tap.google_stores as stores

    made = []
    monkeypatch.setattr(stores, "_make_dataset", lambda _client, name: made.append(name))
    yield SimpleNamespace(module=stores, made=made)
    for name in [one for one in sys.modules if one.startswith("mage_harness_tap")]:
        del sys.modules[name]


@pytest.mark.parametrize("named", [False, True])
def test_a_statement_and_a_load_by_place_and_by_name(stores, named):
    query = stores.module._with_datasets(Client.query)
    module = SimpleNamespace(_table_arg_to_table_ref=table)
    load = stores.module._with_dataset(module, Client.load)
    sql = "CREATE TABLE shop.orders (id INT64)"
    if named:
        assert query(Client(), query=sql, job_config=1) == (sql, 1)
        assert load(Client(), file_obj="x", destination="lake.trips") == ("x", "lake.trips", False)
    else:
        assert query(Client(), sql, 1) == (sql, 1)
        assert load(Client(), "x", "lake.trips", True) == ("x", "lake.trips", True)
    assert stores.made == ["ours.shop", "ours.lake"]
