"""Keys, allowed hosts, the guard alone and the end of a run, with the real Mage."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import psutil
import pytest

from harness.errors import InputError
from harness.running.session import Session
from tests.integration.enclosure.conftest import FIRST_LINE, told
from tests.walls import needs_namespace

KEYS = (".aws/credentials", ".config/gcloud/credentials.db", ".netrc", ".pgpass", ".ssh/id_rsa")
LOOK_FOR_KEYS = r"""
import os, pwd
from pathlib import Path
found = [name for name in {keys!r} if (Path.home() / name).exists()]
for home in ({home!r}, pwd.getpwuid(os.getuid()).pw_dir):
    for name in {keys!r}:
        file = Path(home, name)
        if file.exists() and file.read_text(errors='replace'):
            found.append(str(file))
found += [name for name in os.environ if 'SECRET' in name]
if Path({key!r}).read_text():
    found.append('the key that a variable names')
subprocess.run(['curl', '-s', '--noproxy', '*', 'http://169.254.' + '169.254/'])
assert not found, found
"""


@needs_namespace
def test_keys_of_the_machine_are_out_of_reach(
    run_block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    key = tmp_path / "key.json"
    for file in (*(home / name for name in KEYS), key):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    run = run_block(LOOK_FOR_KEYS.format(keys=KEYS, home=str(home), key=str(key)))

    assert [one.error for one in run.blocks] == [""]
    assert told(run) == [
        (
            "curl tried to reach 169.254.169.254:80",
            "load",
            "data_loaders/load.py",
            FIRST_LINE + 11,
        )
    ]
    assert key.read_text() == "secret"


@pytest.mark.parametrize("network", [pytest.param("namespace", marks=needs_namespace), "guard"])
def test_what_is_allowed_is_reached_and_nothing_beside_it(
    run_block, network: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as allowed:
        threading.Thread(target=greet, args=(allowed,), daemon=True).start()
        port = allowed.getsockname()[1]
        run = run_block(
            f"""
code = 'read line < /dev/tcp/localhost/{port}; test "$line" = hello'
subprocess.run(['bash', '-c', code], check=True)
import socket
assert socket.create_connection(('localhost', {port})).makefile().readline() == 'hello\\n'
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    datagrams.sendto(b'x', ('198.51.100.1', 9))
except ConnectionRefusedError:
    pass
""",
            network=network,
            allow=(f"localhost:{port}",),
        )
    assert [one.error for one in run.blocks] == [""]
    where = ("load", "data_loaders/load.py", FIRST_LINE + 6)
    assert told(run) == [("something tried to reach 198.51.100.1:9", *where)]


def greet(listening: socket.socket) -> None:
    for _ in range(2):
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"hello\n")


def test_what_is_no_address_is_refused_before_anything_runs(mage_settings) -> None:
    settings = mage_settings.model_copy(update={"allow": ("https://example.com",)})
    with pytest.raises(InputError, match="nothing that can be allowed"), Session(settings):
        pass


@needs_namespace
def test_nothing_is_left_of_the_walls(run_block) -> None:
    run = run_block("subprocess.Popen(['sleep', '600'])", network="namespace", deadline=60.0)

    assert run.ok, run.problems
    folder = str(run.process.stdout.parent)
    left = [one.info for one in psutil.process_iter(["pid", "cmdline"])]
    assert not [one for one in left if folder in " ".join(one["cmdline"] or ())]
