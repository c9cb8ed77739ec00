"""MySQL by the program of this machine: found, started, ended."""

from __future__ import annotations

import socket
from dataclasses import replace

import pymysql
import pytest

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.services.catalogue import BY_NAME
from harness.services.embedded.mysql import MySqlServer
from harness.services.embedded.mysql_installation import find


def test_it_ends_with_its_folder_and_starts_again(cache):
    service = MySqlServer(cache=cache)
    service.stop()
    service.start()
    folder, address = service.exchange.here.parent, service.listens_at
    assert folder.stat().st_mode & 0o077 == 0
    assert service.password not in "".join(one.read_text() for one in folder.glob("*.sql"))
    service.stop()
    service.stop()
    assert not folder.exists()
    with pytest.raises(ServiceError, match="not running"):
        service.inventory()
    with pytest.raises(pymysql.OperationalError):
        pymysql.connect(host=address[0], port=address[1], user="root")
    service.start()
    assert service.inventory() == []
    service.stop()


def test_a_machine_without_a_server_is_told_what_to_install(tmp_path):
    with pytest.raises(EnvironmentNotAbleError, match="no MySQL server") as caught:
        find(path=str(tmp_path))
    assert "mariadbd: not on the PATH" in "".join(caught.value.evidence)
    assert "apt-get install mariadb-server-core" in caught.value.remedy
    assert "--provider docker" in caught.value.remedy
    other = tmp_path / "mysqld"
    other.write_text("#!/bin/sh\necho 'mysqld  Ver 8.0.40 for Linux on x86_64'\n")
    other.chmod(0o755)
    with pytest.raises(EnvironmentNotAbleError, match=r"no MariaDB: mysqld  Ver 8\.0\.40"):
        find(path=str(tmp_path))


def test_without_the_extra_it_is_named(cache, monkeypatch):
    lacking = replace(BY_NAME["mysql"], modules=("pymysql", "no_such_package"))
    monkeypatch.setitem(BY_NAME, "mysql", lacking)
    with pytest.raises(
        EnvironmentNotAbleError, match=r"no no_such_package(.|\n)*mage-harness\[mysql\]"
    ):
        MySqlServer(cache=cache).start()


def test_a_fixed_port_is_held_or_told_of(cache):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        service = MySqlServer(cache=cache, port=number)
        with pytest.raises(EnvironmentNotAbleError, match=str(number)):
            service.start()
    service.start()
    assert service.listens_at == ("127.0.0.1", number)
    service.stop()
