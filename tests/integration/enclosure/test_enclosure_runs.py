"""Attempts to leave a run, by what Python's own hooks do not see: each refused, and told of."""

from __future__ import annotations

from tests.integration.enclosure.conftest import FIRST_LINE, told
from tests.walls import needs_namespace

pytestmark = needs_namespace
FILE = "data_loaders/load.py"
# Each line tries something else; libpq is asked itself, since `connect` is led to the service. What is refused by a hook of Python raises, what C sees fails.
ATTEMPTS = r"""
import sys, threading, psycopg2
from contextlib import suppress
def ask(**where):
    with suppress(psycopg2.OperationalError):
        psycopg2.extensions.connection('user=u dbname=d host={host} port={port}'.format(**where))
ask(host='198.51.100.' + '1', port=6543)
thread = threading.Thread(target=ask, kwargs={'host': '2001:db8::' + '7', 'port': 6544})
thread.start()
thread.join()
ask(host='db.example.' + 'com', port=6545)
subprocess.run(['curl', '-s', '--noproxy', '*', '-m', '5', 'https://198.51.100.' + '2/'])
subprocess.run(['getent', 'hosts', 'look.example.' + 'com'])
subprocess.run([sys.executable, '-c', "import urllib.request as r; r.urlopen('ftp://198.51.100." + "3/')"])
subprocess.run(['bash', '-c', 'echo x > /dev/udp/198.51.100.' + '4/8125; sleep 0.3'])
subprocess.run(['curl', '-s', '--noproxy', '*', '-m', '5', 'http://ware' + 'house:8080/'])
"""
WITHIN = r"""
import os, socket
server = socket.create_server(('127.0.0.1', 0))
code = 'exec 3<>/dev/tcp/127.0.0.1/%d; echo x >&3' % server.getsockname()[1]
subprocess.run(['bash', '-c', code], check=True)
assert server.accept()[0].recv(9) == b'x\n'
subprocess.run(['bash', '-c', 'echo x > /dev/tcp/127.0.0.1/9'])
subprocess.run(['getent', 'hosts', 'localhost', socket.gethostname()], check=True)
local = socket.socket(socket.AF_UNIX)
local.bind(os.environ['TMPDIR'] + '/s')
local.listen()
socket.socket(socket.AF_UNIX).connect(os.environ['TMPDIR'] + '/s')
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.connect(('198.51.100.1', 9))
assert datagrams.getsockname()[0] == '127.0.0.1'
"""


def test_each_attempt_is_refused_and_told_with_its_line(run_block) -> None:
    run = run_block(ATTEMPTS)

    ask, first = FIRST_LINE + 4, FIRST_LINE + 5
    assert sorted(told(run)) == sorted(
        (f"{who} tried to reach {what}", "load", FILE, line)
        for who, what, line in [
            ("something", "198.51.100.1:6543", ask),
            ("something", "[2001:db8::7]:6544", ask),
            ("something", "db.example.com", ask),
            ("curl", "198.51.100.2:443", first + 5),
            ("getent", "look.example.com", first + 6),
            ("python", "198.51.100.3:21", first + 7),
            ("bash", "198.51.100.4:8125 (UDP)", first + 8),
            ("curl", "warehouse:8080", first + 9),
        ]
    )
    assert {problem.code for problem in run.problems} == {"connection-refused"}


def test_what_stays_within_the_run_is_no_attempt(run_block) -> None:
    run = run_block(WITHIN)

    assert run.ok, run.problems
