"""What leads work by hand to the services: the file of variables, and io_config.yaml as it is read."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest
import yaml

from harness.errors import InputError
from harness.project.io_config import overlay
from harness.project.io_keys import NESTED
from harness.tap import SITE
from harness.up.connections import connections
from harness.up.env_file import check_env_file, remove_env_file, write_env_file

HOSTILE = "a'b\"c $(touch injected) `touch injected` \\ \n; touch injected\t{}é"
VALUES = {
    "POSTGRES_HOST": "127.0.0.1",
    "POSTGRES_PORT": "5433",
    "POSTGRES_PASSWORD": "private",
    "GOOGLE_SERVICE_ACC_KEY_FILEPATH": "/private/key.json",
    "AWS_ACCESS_KEY_ID": "private",
}
PROFILES = {
    "flat": {"POSTGRES_HOST": "theirs", "POSTGRES_SCHEMA": "shop", "OWN": 1},
    "tunnel": {"POSTGRES_CONNECTION_METHOD": "ssh_tunnel", "POSTGRES_SSH_HOST": "theirs"},
    "inline key": {"GOOGLE_SERVICE_ACC_KEY": {"type": "service_account"}, "GOOGLE_LOCATION": "EU"},
    "nested": {
        "PostgreSQL": {"host": "theirs", "schema": "shop"},
        "BigQuery": {"credentials_mapping": {"type": "service_account"}, "location": "EU"},
    },
    "others": {"SNOWFLAKE_USER": "theirs"},
}


@pytest.fixture
def lead(monkeypatch):
    monkeypatch.syspath_prepend(str(SITE))
    import mage_harness_tap.io_config_lead as lead

    yield lead
    for name in [one for one in sys.modules if one.startswith("mage_harness_tap")]:
        del sys.modules[name]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_is_led_as_the_copy_of_a_run_is(lead, profile):
    written = yaml.safe_load(overlay(yaml.safe_dump({"default": PROFILES[profile]}), VALUES))

    assert lead.led(PROFILES[profile], VALUES, paths=NESTED) == written["default"]


def test_a_shell_reads_each_value_as_it_is(tmp_path):
    file = tmp_path / "env"
    write_env_file(file, {"HOSTILE": HOSTILE, "EMPTY": ""})

    told = subprocess.run(
        ["/bin/sh", "-c", f'. "$1" && exec {sys.executable} -c "$2"', "sh", file, _TELL],
        cwd=tmp_path,
        env={},
        capture_output=True,
        check=True,
        text=True,
    )

    assert told.stdout == ascii({"HOSTILE": HOSTILE, "EMPTY": ""})
    assert [entry.name for entry in tmp_path.iterdir()] == ["env"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


_TELL = """
import os, sys
sys.stdout.write(ascii({name: os.environ[name] for name in ("HOSTILE", "EMPTY")}))
"""


def test_a_file_of_an_earlier_session_is_replaced_and_taken_away(tmp_path):
    file = tmp_path / "env"
    write_env_file(file, {"A": "1"})
    file.chmod(0o644)

    write_env_file(file, {"B": "2"})

    assert "A=1" not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    remove_env_file(file)
    remove_env_file(file)
    assert not file.exists()


def test_a_file_of_somebody_else_stays(tmp_path):
    own, link = tmp_path / ".env", tmp_path / "link"
    own.write_text("TOKEN=mine\n", "utf-8")
    link.symlink_to(tmp_path / "nowhere")

    for file in (own, link, tmp_path / "no folder" / "env"):
        with pytest.raises(InputError):
            check_env_file(file)
        with pytest.raises(InputError):
            write_env_file(file, {})
    remove_env_file(own)
    remove_env_file(link)

    assert own.read_text("utf-8") == "TOKEN=mine\n"
    assert link.readlink() == tmp_path / "nowhere"


def test_a_password_breaks_no_connection_string():
    found = dict(
        connections(
            {
                "PGHOST": "::1",
                "PGPORT": "5432",
                "PGUSER": "us er",
                "PGPASSWORD": "p@ss:/'w",
                "PGDATABASE": "d/b",
            }
        )
    )

    assert found == {"PostgreSQL": "psql 'postgresql://us%20er:p%40ss%3A%2F%27w@[::1]:5432/d%2Fb'"}
