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

from .leaving import the_end

_MAIN = "__main__"
_OURS = ("wall", "mage_harness_warm")
_CAPABILITIES_VERSION = 0x20080522


def become(descriptors: List[int], enter: ModuleType, libraries: Dict[str, str]) -> None:
    """Run the command.

    Args:
        descriptors: The line to the harness, what is asked, the outputs; and where there are to be
            walls, those that the walls' entry is told.
        enter: The entry into the walls.
        libraries: Variables that the libraries set when they are loaded, where they are not set.
    """
    line, body, out, err, *more = descriptors
    asked = lead(body, out=out, err=err)
    take_over({**libraries, **asked["env"]})
    os.chdir(asked["cwd"])
    go_within(asked["facts"], more, line=line, enter=enter)
    withdraw()
    forget()
    watch()
    module = script_of(asked["command"])
    settle()
    run(module)


def lead(body: int, *, out: int, err: int) -> Any:
    """Be a group of its own, with its outputs; return what is asked.

    Args:
        body: A descriptor of what is asked.
        out: Where its output goes, a descriptor.
        err: Where its errors go.
    """
    os.setsid()
    os.umask(0o077)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    asked = json.loads(os.pread(body, os.fstat(body).st_size, 0))
    os.close(body)
    return asked


def take_over(env: Dict[str, str]) -> None:
    """Have the variables of a run, and no others."""
    os.environ.clear()
    os.environ.update(env)


def go_within(facts: Any, descriptors: List[int], *, line: int, enter: ModuleType) -> None:
    """Tell the harness the number of this process, and enter the walls.

    Args:
        facts: Of the walls; None where there are none.
        descriptors: What the walls' entry talks by, and the gate's line.
        line: The descriptor by which the harness is told.
        enter: The entry into the walls.
    """
    os.write(line, b"%d" % os.getpid())
    os.close(line)
    if facts is not None:
        said, to_gate = descriptors[:2]
        enter.enter({**facts, "said": said, "line": to_gate})
        _give_up_capabilities()
        os.close(said)


def watch() -> None:
    """Install the tap, as ``sitecustomize`` does when all else is right."""
    if os.environ.get("MAGE_HARNESS_EVENTS"):
        import mage_harness_tap  # noqa: PLC0415 - in a run that it is for

        mage_harness_tap.install()


def settle() -> None:
    """Have the tap begin with this very process."""
    tap = sys.modules.get("mage_harness_tap")
    if tap is not None:
        tap.settle()
        tap.begin()


def _give_up_capabilities() -> None:
    """Have none, as who is not root has after the start of a program."""
    if os.getuid():
        header = struct.pack("Ii", _CAPABILITIES_VERSION, 0)
        ctypes.CDLL(None, use_errno=True).capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0))


def withdraw() -> None:
    """Have the modules of the server's own not be found by the run's code."""
    for name in [one for one in sys.modules if one.partition(".")[0] in _OURS]:
        del sys.modules[name]


def forget() -> None:
    """Undo what is kept of the circumstances of the process that this one is forked of."""
    tempfile.tempdir = None
    sysconfig._CONFIG_VARS = None  # type: ignore[attr-defined]
    if hasattr(sysconfig, "_CONFIG_VARS_INITIALIZED"):
        sysconfig._CONFIG_VARS_INITIALIZED = False
    numbers = sys.modules.get("numpy.random")
    if numbers is not None:
        # Python's own generator takes another seed at a fork, NumPy's does not.
        numbers.seed()


def script_of(words: List[str]) -> ModuleType:
    """Be the script that a command line names, before its first line."""
    arguments = words[1:]
    sys.argv[:] = arguments
    module = ModuleType(_MAIN)
    module.__file__ = arguments[0]
    module.__builtins__ = __builtins__  # type: ignore[attr-defined]
    sys.modules[_MAIN] = module
    return module


def run(module: ModuleType) -> None:
    """Run a script, and leave as it does.

    Args:
        module: The script, before its first line.
    """
    try:
        _run(module)
    except SystemExit as error:
        the_end.note(error)
        raise


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
