"""MySQL in a container: what must be as embedded."""

from __future__ import annotations

import contextlib
import time
from contextlib import closing

import pymysql
import pytest

from harness.containers.engine import connect
from harness.containers.world import World
from harness.errors import ServiceError
from harness.machine.guardian import Guardian
from harness.seeds.plant import plant
from harness.seeds.reader import read_seeds
from harness.services.docker.mysql import MySqlContainer
from harness.services.protocol import Service
from harness.services.stack import Stack

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def world():
    with Guardian() as guardian, contextlib.closing(connect()) as engine:
        folder = guardian.make_folder(prefix="mage-harness-")
        with World(engine, guardian=guardian, folder=folder) as world:
            yield world


def test_it_keeps_what_the_embedded_one_keeps(world):
    mysql = MySqlContainer(world, folder=world.folder)
    assert isinstance(mysql, Service)
    mysql.start()
    try:
        began = time.time()
        host, port = mysql.listens_at
        asked = {"host": host, "port": port, "user": mysql.user, "password": mysql.password}
        with closing(pymysql.connect(**asked, database=mysql.database)) as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE TABLE t (n BIGINT UNSIGNED PRIMARY KEY, s TEXT, raw BLOB)")
            cursor.execute("INSERT INTO t VALUES (18446744073709551615, 'a\n\"b\"', x'00ff')")
            connection.commit()
            cursor.execute("INSERT INTO t VALUES (2, NULL, NULL)")
        assert mysql.read("mage.t").to_pylist() == [
            {"n": 2**64 - 1, "s": 'a\n"b"', "raw": b"\x00\xff"}
        ]
        assert [one.code for one in mysql.incidents(began)] == ["mysql-uncommitted"]
        mysql.reset()
        assert mysql.inventory() == []
        folder = mysql.exchange.here
        assert list(folder.iterdir()) == []
    finally:
        mysql.stop()
    assert not folder.exists()
    with pytest.raises(ServiceError, match="not running"):
        mysql.inventory()


def test_a_seed_starts_it_in_a_stack(mage_settings, tmp_path):
    zones = tmp_path / "mysql" / "shop.zones.csv"
    zones.parent.mkdir()
    zones.write_text("id,name\n1,a\n2,b\n")
    settings = mage_settings.model_copy(update={"provider": "docker"})
    with Stack(settings) as stack:
        plant(read_seeds(tmp_path), stack)
        assert list(stack.services) == ["mysql"]
        assert [(one.name, one.rows) for one in stack.inventory()] == [("shop.zones", 2)]
