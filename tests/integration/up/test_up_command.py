"""``mage-harness up``: real clients, ``mage run`` and Mage's own pages on the private services."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg2
import pytest

from harness.cli.main import run_command
from tests.integration.up.pages import Pages, answers, free_port

COMMAND = Path(sys.executable).parent / "mage-harness"
PATIENCE = 240


def until(check, log):
    end = time.monotonic() + PATIENCE
    while not check():
        if time.monotonic() > end:
            pytest.fail(log.read_text("utf-8"))
        time.sleep(0.2)


def by_hand(place):
    """The variables of the file, as a shell has them."""
    told = subprocess.run(
        ["/bin/sh", "-c", '. "$1" && exec env -0', "sh", place / "by-hand"],
        env={},
        capture_output=True,
        check=True,
        text=True,
    )
    return dict(one.split("=", 1) for one in told.stdout.split("\0") if one)


def word(log, name):
    (line,) = [line for line in log.read_text("utf-8").splitlines() if line.startswith(name)]
    return shlex.split(line.removeprefix(name))


def open_ports(process):
    family = [process, *process.children(recursive=True)]
    return {
        one.laddr for each in family for one in each.net_connections() if one.status == "LISTEN"
    }


@pytest.fixture
def up(place):
    """The command, and what it said; ended with the test."""
    log = place / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [COMMAND, "up", "--env-file", "by-hand"],
            cwd=place,
            env={**os.environ, "COLUMNS": "300"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: "Ctrl-C ends it" in log.read_text("utf-8"), log)
        yield process, log
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.slow
def test_clients_mage_and_its_pages_work_on_it_and_nothing_is_left(place, up):
    process, log = up
    family = psutil.Process(process.pid)
    env = by_hand(place)
    assert stat.S_IMODE((place / "by-hand").stat().st_mode) == 0o600
    url = word(log, "PostgreSQL")[-1]
    folder = Path(word(log, "Google's key")[0].partition("=")[2]).parent.parent
    mage = word(log, "Mage")[0]

    _ask_google(env)
    done = subprocess.run(
        [mage, "run", place / "shop", "orders"], env={**env, "PATH": os.environ["PATH"]}, check=True
    )
    assert done.returncode == 0
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT borough FROM shop.orders ORDER BY id")
        assert cursor.fetchall() == [("Newark",), ("Queens",)]
    connection.close()
    _open_pages(mage, place, env, *word(log, "to sign in"))

    held = open_ports(family)
    assert {address.ip for address in held} == {"127.0.0.1"}
    processes = family.children(recursive=True)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert not psutil.wait_procs(processes, timeout=PATIENCE)[1]
    assert not folder.exists()
    assert not (place / "by-hand").exists()
    for address in held:
        with socket.socket() as probe:
            assert probe.connect_ex(tuple(address)) != 0


def _ask_google(env):
    script = """
from google.cloud import bigquery, storage
bucket = storage.Client().create_bucket("lake")
bucket.blob("a.txt").upload_from_string("here")
assert bucket.blob("a.txt").download_as_bytes() == b"here"
rows = bigquery.Client().query("SELECT 41 + 1 AS n").result()
assert [row.n for row in rows] == [42]
"""
    subprocess.run([sys.executable, "-c", script], env={**env, "PATH": ""}, check=True)


def _open_pages(mage, place, env, owner, password):
    port = free_port()
    log = place / "pages.txt"
    with log.open("wb") as out:
        pages = subprocess.Popen(
            [mage, "start", place / "shop", "--port", str(port)],
            env={**env, "PATH": os.environ["PATH"]},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: answers(port), log)
        seen = {one.ip for one in open_ports(psutil.Process(pages.pid))}
        assert seen <= {"127.0.0.1"}, seen
        with pytest.raises(KeyError, match="session"):
            Pages(port, "admin@admin.com", "admin")
        listed = Pages(port, owner, password).get("pipelines")
        assert [one["uuid"] for one in listed["pipelines"]] == ["orders"], listed
    finally:
        # Its scheduler and kernels are processes of their own, and outlive it otherwise.
        for one in [*psutil.Process(pages.pid).children(recursive=True), pages]:
            one.kill()
        pages.wait(PATIENCE)


@pytest.mark.slow
def test_a_command_runs_among_the_services_and_its_status_is_told(place):
    script = """
mage run shop orders >&2 && exec python -c '
import os, psycopg2
with psycopg2.connect("") as connection, connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM shop.orders")
    print(cursor.fetchone(), os.environ["HOME"], "SECRET" in os.environ)
raise SystemExit(7)'
"""
    done = subprocess.run(
        [COMMAND, "up", "--service", "postgres", "--", "/bin/sh", "-c", script],
        cwd=place,
        env={**os.environ, "SECRET": "mine"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 7, done.stdout + done.stderr
    counted, home, secret = done.stdout.splitlines()[-1].rsplit(" ", 2)
    assert counted == "(2,)"
    assert secret == "False"
    assert home.startswith(tempfile.gettempdir())
    assert not Path(home).exists()
    assert "BigQuery" not in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--service", "postgress"],
        ["no_such_pipeline"],
        ["--env-file", "pyproject.toml"],
        ["--service", "google", "--", "no-such-program"],
    ],
)
def test_mistakes_are_usage(place, monkeypatch, capsys, arguments):
    monkeypatch.chdir(place)

    assert run_command(["up", *arguments]) == 2
    assert "remedy" in capsys.readouterr().err
