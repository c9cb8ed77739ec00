"""What the kernel says of this very process and its sockets."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.enclosure.wall.processes import (
    is_bound_inside,
    is_own_address,
    listens,
    memory_of,
    owner_of,
    process_of,
    program_of,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


def test_a_thread_is_its_processes() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(process_of(threading.get_native_id())))
    thread.start()
    thread.join()

    assert found == [os.getpid()]
    assert process_of(2**22 + 1) == 0


def test_a_program_is_named_without_what_may_be_secret(tmp_path: Path) -> None:
    script = tmp_path / "nightly.py"
    script.write_text("print(input(), flush=True), input()")
    names = []
    for command in ([sys.executable, str(script), "secret"], ["cat", "-"]):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(b"here\n")
            process.stdin.flush()
            assert process.stdout.readline() == b"here\n"
            names.append(program_of(process.pid))
            process.kill()
    assert names == [f"{Path(sys.executable).name} nightly.py", "cat"]
    assert program_of(2**22 + 1) == ""


def test_who_listens_and_who_owns_a_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert listens(port)
        assert listens(port, process=os.getpid())
        assert owner_of(port, "TCP", process=os.getpid()) == os.getpid()
    assert not listens(port)
    assert owner_of(port, "TCP", process=os.getpid()) == 0


def test_a_socket_of_the_file_system_is_known_by_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "s"))
        assert is_bound_inside(str(tmp_path / "s"), process=os.getpid())
        assert not is_bound_inside(str(tmp_path / "other" / "s"), process=os.getpid())
    assert not is_bound_inside(str(tmp_path / "s"), process=2**22 + 1)


def test_own_addresses_and_others() -> None:
    assert is_own_address("127.0.0.1")
    assert not is_own_address("198.51.100.1")
    assert not is_own_address("2001:db8::1")


def test_memory_is_read_up_to_the_length_of_an_address() -> None:
    content = ctypes.create_string_buffer(b"x" * 500)
    found = memory_of(os.getpid(), ctypes.addressof(content), 16)
    assert found == b"x" * 16
    assert len(memory_of(os.getpid(), ctypes.addressof(content), 10**6)) == 128
    with pytest.raises(OSError):
        memory_of(2**22 + 1, 0, 16)
