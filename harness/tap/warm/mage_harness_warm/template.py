"""A process that has imported what ``mage run`` does, in the place that runs will have.

Runs of that place are forked of it. It is outside of the walls, and does nothing but import Mage's
own code; what that has said, made and opened meanwhile, each run says, makes and opens itself.
"""

import atexit
import contextlib
import ctypes
import json
import os
import socket
import sys
from types import ModuleType
from typing import Dict, List, Optional

from . import child, database, ending
from .ahead import Imported
from .forking import Asked, Forking
from .made import Made
from .pages import Pages


class Template:
    """What is the same of the runs in a place.

    Args:
        descriptors: The line to the server, what is asked, and the socket at which runs are.
        libraries: Variables that the libraries set when they are loaded, where they are not set.
    """

    def __init__(self, descriptors: List[int], libraries: Dict[str, str]) -> None:
        above, body, asking = descriptors
        self._above = socket.socket(fileno=above)
        self._asking = socket.socket(fileno=asking)
        self._said = [os.memfd_create("mage-harness-said") for _ in range(2)]
        out, err = map(os.dup, self._said)
        asked = child.lead(body, out=out, err=err)
        child.take_over({**libraries, **asked["env"]})
        os.chdir(asked["cwd"])
        child.forget()
        self._pages = Pages()
        # Of all that is called at the end, nearly the last.
        atexit.register(self._pages.learn)
        child.watch()
        self._module = child.script_of(asked["command"])
        with Made(asked["folder"]) as self._made:
            self._imported = Imported(asked["command"], folder=asked["folder"])
            database.part()
        _flush()
        ending.keep_begun()
        self._pages.note()
        unfit = self._made.unfit or _unfit()
        os.chdir("/")
        self._asking.send(json.dumps({"pid": os.getpid(), "unfit": unfit}).encode())

    def serve(self) -> Optional[Asked]:
        """Fork on demand.

        Returns:
            In a forked process, what it is asked for; in this one None at the end.
        """
        return _Runs(self._asking, above=self._above).serve()

    def become(self, descriptors: List[int], enter: ModuleType) -> None:
        """Wait for a run, and be it.

        Args:
            descriptors: As of a run that is forked of the server, and at last a socket at which
                it is asked for.
            enter: The entry into the walls.
        """
        line, body, out, err, *more = descriptors
        self._above.close()
        asked = child.lead(body, out=out, err=err)
        os.chdir(asked["cwd"])
        for number, said in enumerate(self._said, start=1):
            os.write(number, os.pread(said, os.fstat(said).st_size, 0))
            os.close(said)
        child.go_within(asked["facts"], more[:-1], line=line, enter=enter)
        child.withdraw()
        child.forget()
        self._made.make()
        database.meet()
        self._pages.have()
        sys.argv[:] = self._imported.awaited(more[-1])[1:]
        child.settle()
        child.run(self._module)


class _Runs(Forking):
    def __init__(self, asking: socket.socket, *, above: socket.socket) -> None:
        super().__init__([asking])
        self._above = above

    def _count(self) -> None:
        # The server may be gone, and the session goes on.
        with contextlib.suppress(OSError):
            self._above.send(b".")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    ctypes.CDLL(None).fflush(None)


def _unfit() -> str:
    """Why this process is not to be forked; empty where it can be."""
    return "" if len(os.listdir("/proc/self/task")) == 1 else "a thread has begun"
