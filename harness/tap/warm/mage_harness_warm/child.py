"""The forked process becomes the command ``mage``, as if it had been started by itself."""

import ctypes
import json
import os
import struct
import sys
import sysconfig
import tempfile
from types import ModuleType, TracebackType
from typing import Any, Dict, List, Optional

from . import ahead
from .leaving import the_end

_MAIN = "__main__"
_OURS = ("wall", "mage_harness_warm")
_CAPABILITIES_VERSION = 0x20080522


def become(descriptors: List[int], enter: ModuleType, libraries: Dict[str, str]) -> None:
    """Run the command.

    Args:
        descriptors: The line to the harness, what is asked, the outputs; where there are to be
            walls, those that the walls' entry is told; and for a run that is not asked for yet,
            the one by which it is.
        enter: The entry into the walls.
        libraries: Variables that the libraries set when they are loaded, where they are not set.
    """
    line, body, out, err, *more = descriptors
    os.setsid()
    asked = json.loads(os.pread(body, os.fstat(body).st_size, 0))
    _take_over({**asked, "env": {**libraries, **asked["env"]}}, out=out, err=err)
    os.close(body)
    os.write(line, b"%d" % os.getpid())
    os.close(line)
    if asked["facts"] is not None:
        said, to_gate = more[:2]
        enter.enter({**asked["facts"], "said": said, "line": to_gate})
        _give_up_capabilities()
        os.close(said)
        more = more[2:]
    _forget()
    if os.environ.get("MAGE_HARNESS_EVENTS"):
        import mage_harness_tap  # noqa: PLC0415 - as sitecustomize does, when all else is right

        mage_harness_tap.install()
    words = asked["command"]
    module = _begin(words[1:])
    if more:
        words = ahead.command_of(more[0], words=words, folder=asked["folder"])
        sys.argv[:] = words[1:]
    if "mage_harness_tap" in sys.modules:
        sys.modules["mage_harness_tap"].begin()
    try:
        _run(module)
    except SystemExit as error:
        the_end.note(error)
        raise


def _take_over(asked: Any, *, out: int, err: int) -> None:
    os.umask(0o077)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])


def _give_up_capabilities() -> None:
    """Have none, as who is not root has after the start of a program."""
    if os.getuid():
        header = struct.pack("Ii", _CAPABILITIES_VERSION, 0)
        ctypes.CDLL(None, use_errno=True).capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0))


def _forget() -> None:
    """Undo what is kept of the server's own circumstances."""
    for name in [one for one in sys.modules if one.partition(".")[0] in _OURS]:
        del sys.modules[name]
    tempfile.tempdir = None
    sysconfig._CONFIG_VARS = None  # type: ignore[attr-defined]
    if hasattr(sysconfig, "_CONFIG_VARS_INITIALIZED"):
        sysconfig._CONFIG_VARS_INITIALIZED = False
    numbers = sys.modules.get("numpy.random")
    if numbers is not None:
        # Python's own generator takes another seed at a fork, NumPy's does not.
        numbers.seed()


def _begin(arguments: List[str]) -> ModuleType:
    """Be the script that a command line names, before its first line."""
    sys.argv[:] = arguments
    module = ModuleType(_MAIN)
    module.__file__ = arguments[0]
    module.__builtins__ = __builtins__  # type: ignore[attr-defined]
    sys.modules[_MAIN] = module
    return module


def _run(module: ModuleType) -> None:
    script = str(module.__file__)
    with open(script, "rb") as file:
        code = compile(file.read(), script, "exec", dont_inherit=True)
    try:
        exec(code, module.__dict__)  # noqa: S102 - Mage's own script
    except Exception as error:
        # Python's own hook shows what the exception itself holds.
        error.__traceback__ = _from(script, error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        sys.exit(1)


def _from(script: str, trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """The part of a traceback that a run of its own would have too."""
    part = trace
    while part is not None and part.tb_frame.f_code.co_filename != script:
        part = part.tb_next
    return part or trace
