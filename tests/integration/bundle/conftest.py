"""One run that fails, with data in all services, and the bundle of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.bundle.bundles import Bundles
from harness.bundle.making import make_bundle
from harness.running.asked import Asked
from harness.running.session import Session
from harness.settings import load_settings

PROJECT = Path(__file__).parents[2] / "projects" / "bundle_work"
VARIABLES = {"region": "north", "api_token": "word"}
DATABASE = """
CREATE SCHEMA shop;
CREATE TABLE shop.places (name text PRIMARY KEY, tax numeric NOT NULL);
CREATE TABLE shop.orders (
    id bigserial PRIMARY KEY,
    place text NOT NULL,
    fee numeric(10, 2) NOT NULL CHECK (fee > 0),
    doubled numeric GENERATED ALWAYS AS (fee * 2) STORED,
    note text
);
CREATE VIEW shop.late_orders AS
    SELECT o.*, o.fee * p.tax AS fee_with_tax FROM shop.orders o JOIN shop.places p ON p.name = place;
INSERT INTO shop.places VALUES ('here', 1.1), ('there', 1.1);
INSERT INTO shop.orders (place, fee, note) VALUES
    ('here', 10, E'a tab\\t and an end\\nof line'), ('there', 15, NULL), ('here', 5, '\\N');
"""
DAYS = """
CREATE SCHEMA IF NOT EXISTS `shop`;
CREATE TABLE `shop.days` (day DATE NOT NULL, sold NUMERIC(10, 2)) PARTITION BY day CLUSTER BY sold;
INSERT INTO `shop.days` VALUES (DATE '2021-01-01', 1.5), (DATE '2021-01-02', 2.5);
CREATE VIEW `shop.late` AS SELECT day, sold FROM `shop.days` WHERE day > '2021-01-01';
CREATE VIEW `shop.a_sum` AS SELECT sum(sold) AS sold FROM `shop.late`;
"""


@pytest.fixture(scope="package")
def fixtures(tmp_path_factory):
    """Seeds of all services, and a cassette beside one that the pipeline does not play."""
    folder = tmp_path_factory.mktemp("bundle") / "fixtures"
    files = {
        "seeds/postgres/database.sql": DATABASE,
        "seeds/bigquery/days.sql": DAYS,
        "seeds/gcs/lake/rates.csv": "rate\n7\n",
        "seeds/gcs/empty/.keep": "",
        "http/rates/today.json": '{"rate": 7}',
        "http/other/other.json": "{}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "seeds" / "index.yaml").write_text(
        "- seed: gcs/lake/rates.csv\n  stored: {content_type: text/x-rates}\n"
    )
    for cassette, body in (("rates", "today.json"), ("other", "other.json")):
        digest = hashlib.sha256((folder / "http" / cassette / body).read_bytes()).hexdigest()
        (folder / "http" / cassette / "index.yaml").write_text(
            f"- {{method: GET, url: 'https://{cassette}.example.com/today', status: 200,\n"
            f"   headers: {{content-type: application/json}}, body: {body}, sha256: {digest}}}\n"
        )
    table = pa.table({"n": list(range(3)), "text": ["a", None, "c"]})
    pq.write_table(table, folder / "seeds" / "bigquery" / "shop.plain.parquet")
    return folder


@pytest.fixture(scope="package")
def made(fixtures, tmp_path_factory):
    """The run, two bundles of it, and what the services held around it."""
    folder = tmp_path_factory.mktemp("made")
    settings = load_settings(
        start=PROJECT,
        options={"project": PROJECT, "fixtures": fixtures, "at": "2021-02-01T05:00Z"},
    ).model_copy(update={"secrets": {"rates_key": "Xy7-not-to-be-shown"}})
    with Session(settings) as session:
        bundles = Bundles(folder=folder)
        bundles.watch(session)
        held = {}
        look, session.before_run = session.before_run, lambda: None

        def before() -> None:
            held["before"] = contents(session.stack)
            look()

        session.before_run = before
        run = session.run("late_orders", asked=Asked(variables=VARIABLES))
        staged = session.stack.folder / "bundle"
        again = session.stack.folder / "again"
        shutil.copytree(staged, again)
        make_bundle(session, run, folder=again, target=folder / "again.zip", left_out=[], mib=100)
        archive = bundles.ended(session, run)
        held["after"] = contents(session.stack)
        left = [one.name for one in session.stack.folder.iterdir()]
        password = session.stack.postgres.password
    return SimpleNamespace(
        run=run,
        archive=archive,
        again=folder / "again.zip",
        held=held,
        left=left,
        password=password,
    )


@pytest.fixture(scope="package", name="contents")
def looker():
    """Looks at all that the services of a stack hold."""
    return contents


def contents(stack) -> dict[str, object]:
    """All rows of all tables and objects, with their columns, as text."""
    found = {
        f"{one.service} {one.name}": (
            [str(column) for column in one.columns],
            json.dumps(stack.services[one.service].read(one.name).to_pylist(), default=str),
        )
        for one in stack.inventory()
    }
    found["next"] = stack.postgres.query("SELECT last_value FROM shop.orders_id_seq").to_pylist()
    found["buckets"] = stack.gcs.buckets()
    with closing(stack.bigquery.client()) as client:
        rows = client.query("SELECT CAST(sold AS STRING) FROM `shop.a_sum`").result()
        found["view"] = [tuple(row) for row in rows]
    found["days"] = dict(stack.bigquery.partitions("shop.days"))
    return found
