"""Children of a process that uses gRPC."""

from __future__ import annotations

import os


def without_handlers_of_grpc() -> None:
    """Keep gRPC from acting in children of this process; to be called before it is first used.

    Its handlers of a fork end a child now and then (SIGABRT, SIGSEGV in its poller) before it
    becomes the program that it is to be. They serve children that go on using gRPC, and none does.
    """
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
