"""Loads what Mage loads, and forks a process for each run that it is asked for.

It is asked at a socket that it has inherited, of the kind that has no place in the file system: it
is known in the server's network namespace alone, so nothing within the walls of a run can ask it.
Who asks must be its own user.
"""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import shutil
import socket
import struct
import sys
import time
from typing import Any, Dict, List, Optional

from . import child, codes, distributions, ending
from .forking import TEMPLATE, Asked, Forking
from .reads import Reads
from .scout import left, scouted, within
from .template import Template

_CREDENTIALS = struct.Struct("3i")


def main() -> None:
    """Serve; in a process that is forked, become ``mage run``."""
    facts = json.loads(sys.argv[1])
    ending.prepare()
    sys.path[0] = facts["wall"]
    enter = importlib.import_module("wall.enter")
    # What comes from the folder of the command ``mage`` in a run of its own.
    sys.path[0] = facts["bin"]
    listening = socket.socket(fileno=facts["listening"])
    listening.set_inheritable(False)
    before = dict(os.environ)
    told = _loaded(facts["own"])
    # What libraries set when they are loaded, a run of its own would have too.
    libraries = {name: text for name, text in os.environ.items() if before.get(name) != text}
    os.chdir("/")
    shutil.rmtree(facts["folder"], ignore_errors=True)
    server = _Server(listening, told=told, idle=facts["idle"], unasked=facts["unasked"])
    ending.keep()
    gc.collect()
    gc.freeze()
    asked = server.serve()
    template = None
    if asked is not None and asked.kind == TEMPLATE:
        template = Template(asked.descriptors, libraries)
        asked = template.serve()
    if asked is None:
        os._exit(0)
    if template is None:
        child.become(asked.descriptors, enter, libraries)
    else:
        template.become(asked.descriptors, enter)


def _loaded(own: List[str]) -> Dict[str, Any]:
    """Load the modules; say which variables they have read, and why they are of no use."""
    tap = _of_the_tap()
    kept_out = left(list(tap.values()))
    with Reads() as reads:
        found = scouted(own, kept_out)
        for name in found.beforehand:
            # Some are known under another name only once that is imported.
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    codes.keep({**found.later, **tap})
    distributions.keep()
    wrong = sorted(name for name in sys.modules if within(name, kept_out))
    unfit = "%s is loaded too early" % wrong[0] if wrong else ""
    return {
        "pid": os.getpid(),
        "read": sorted(reads.modules),
        "loaded": len(sys.modules),
        "unfit": unfit,
    }


def _of_the_tap() -> Dict[str, str]:
    """The files of the tap's modules, which is put up in each run."""
    package = "mage_harness_tap"
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return {}
    folder = spec.submodule_search_locations[0]
    names = [file[:-3] for file in os.listdir(folder) if file.endswith(".py")]
    return {package + "." + name: os.path.join(folder, name + ".py") for name in names}


class _Server(Forking):
    """Answers who connects, and forks on demand.

    Args:
        listening: The socket.
        told: What is said to each that connects.
        idle: Seconds without a word and a run, after which it ends.
        unasked: Seconds without any that is connected, and a run, after which it does.
    """

    def __init__(
        self, listening: socket.socket, *, told: Dict[str, Any], idle: float, unasked: float
    ) -> None:
        super().__init__([])
        self._listening: Optional[socket.socket] = listening
        self._told = told
        self._idle = idle
        self._unasked = unasked
        self._began = time.time()
        files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        self._states = {
            path: codes.state_of(path) for path in (*sys.path, *files) if isinstance(path, str)
        }

    def _busy(self) -> bool:
        return self._listening is not None or super()._busy()

    def _sockets(self) -> List[socket.socket]:
        return [*super()._sockets(), *([self._listening] if self._listening is not None else [])]

    def _patience(self) -> Optional[float]:
        if super()._busy():
            return None
        return self._idle if self._asking else min(self._idle, self._unasked)

    def _answer(self, one: socket.socket) -> Optional[Asked]:
        if one is self._listening:
            self._accept(one.accept()[0])
            return None
        return super()._answer(one)

    def _accept(self, asking: socket.socket) -> None:
        credentials = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        if _CREDENTIALS.unpack(credentials)[1] != os.getuid():
            asking.close()
        elif any(codes.state_of(path) != state for path, state in self._states.items()):
            # Who asked finds nobody, and starts another: by then nobody is met here any more.
            self._stop()
            asking.close()
        else:
            self._asking.append(asking)
            told = {**self._told, "began": self._began, "forked": self._forked}
            # What it has said before it went is still read.
            with contextlib.suppress(OSError):
                asking.send(json.dumps(told).encode())

    def _leave(self, asking: socket.socket, content: bytes) -> None:
        leaving = [asking]
        if content == b"stop":
            self._stop()
            leaving = list(self._asking)
        for one in leaving:
            super()._leave(one, content)

    def _stop(self) -> None:
        """Take no more who ask; the end comes when those that did are done."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
