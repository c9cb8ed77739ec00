"""Libraries and programs with network code of their own: gRPC's core, the AWS SDK in C++, static C."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.enclosure.conftest import FIRST_LINE, told
from tests.walls import needs_namespace

pytestmark = [needs_namespace, pytest.mark.slow]

FILE = "data_loaders/load.py"
LIBRARIES = r"""
import grpc
from pyarrow import flight
from contextlib import suppress
with suppress(grpc.RpcError), grpc.insecure_channel('198.51.100.7:4317', [('grpc.enable_http_proxy', 0)]) as channel:
    channel.unary_unary('/any/call')(b'', timeout=5)
with suppress(Exception):
    flight.connect('grpc://198.51.100.' + '8:9000', generic_options=[('grpc.enable_http_proxy', 0)]).wait_for_available(5)
"""
STATIC = r"""
#include <arpa/inet.h>
#include <sys/socket.h>
int main(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(6379)};
    inet_pton(AF_INET, "198.51.100.9", &to.sin_addr);
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to) ? 1 : 0;
}
"""


def test_libraries_with_threads_of_their_own_are_given_to_the_block(run_block) -> None:
    run = run_block(LIBRARIES)

    assert [one.error for one in run.blocks] == [""]
    found = {(message, block, line) for message, block, _, line in told(run)}
    assert found == {
        ("something tried to reach 198.51.100.7:4317", "load", FIRST_LINE + 4),
        ("something tried to reach 198.51.100.8:9000", "load", FIRST_LINE + 6),
    }


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler is here")
def test_a_static_program_is_refused_as_any_other(run_block, tmp_path: Path) -> None:
    program = tmp_path / "static"
    (tmp_path / "static.c").write_text(STATIC)
    subprocess.run(["gcc", "-static", "-o", str(program), str(tmp_path / "static.c")], check=True)
    run = run_block(f"assert subprocess.run([{str(program)!r}]).returncode == 1")

    assert told(run) == [("static tried to reach 198.51.100.9:6379", "load", FILE, FIRST_LINE)]
