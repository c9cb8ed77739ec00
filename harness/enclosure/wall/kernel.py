"""The system calls that Python 3.11 has no function for. Linux only."""

from __future__ import annotations

import ctypes
import errno
import os
import struct

Instruction = tuple[int, int, int, int]
"""One instruction of a classic BPF program: its code, two jumps (true, false), and its value."""
NEW_MOUNTS, NEW_USER, NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
BIND, RECURSIVE, PRIVATE, READ_ONLY = 0x1000, 0x4000, 1 << 18, 0x1
_FILTER_MODE = 1
_NEW_LISTENER, _WAIT_KILLABLE = 1 << 3, 1 << 5
_PIDFD_GETFD = 438
_ALLOW, _NOTIFY, _NO_SUCH_CALL = 0x7FFF0000, 0x7FC00000, 0x00050000 | errno.ENOSYS
_NUMBER_AT, _MACHINE_AT = 0, 4
# The x32 of a 64-bit processor begins there, and has other numbers for the same calls.
_OTHER_NUMBERS = 0x40000000
_IO_URING_SETUP = 425
_CAPABILITIES_VERSION, _DROP_FROM_BOUNDS = 0x20080522, 24
_CAPABILITIES = struct.Struct("6I")

# A processor's own number (uapi/linux/audit.h), and those of connect and seccomp (asm/unistd.h).
_MACHINES = {"x86_64": (0xC000003E, 42, 317), "aarch64": (0xC00000B7, 203, 277)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def with_program(program: tuple[Instruction, ...]) -> tuple[_Program, object]:
    """A ``struct sock_fprog``, and the memory that it points to, which must be kept.

    Args:
        program: The instructions.
    """
    packed = b"".join(struct.pack("HBBI", *one) for one in program)
    code = ctypes.create_string_buffer(packed, len(packed))
    return _Program(len(program), ctypes.addressof(code)), code


def unshare(kinds: int) -> None:
    """Leave the namespaces of the parent for new ones.

    Raises:
        OSError: It is not permitted, or the kernel has none.
    """
    _check(_libc().unshare(kinds), "unshare")


def mount(source: str, target: str, *, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Show something in the place of a file or folder.

    Raises:
        OSError: It is not permitted, or one of the two is not there.
    """
    words = [text.encode() or None for text in (source, target, kind)]
    _check(_libc().mount(*words, ctypes.c_ulong(flags), options.encode() or None), target)


def copied_descriptor(process: int, descriptor: int) -> int:
    """A descriptor of another process, as one of this process.

    Args:
        process: The process's number, not one of its threads'.
        descriptor: Its descriptor.

    Raises:
        OSError: It is gone, or not to be had.
    """
    handle = os.pidfd_open(process)
    try:
        return _check(_libc().syscall(_PIDFD_GETFD, handle, descriptor, 0), "pidfd_getfd")
    finally:
        os.close(handle)


def listen_for_connects() -> int:
    """Have this process, and all that it becomes and starts, ask before each ``connect``.

    The ways around that are closed: io_uring, and the numbers that another processor's programs
    have for their calls.

    Returns:
        The descriptor at which they ask (seccomp_unotify(2)).

    Raises:
        OSError: It is not permitted, the kernel has no such thing, or somebody listens already.
    """
    machine = _MACHINES.get(os.uname().machine)
    if machine is None:
        raise OSError(0, f"no numbers are known for {os.uname().machine}")
    audit, connect, seccomp = machine
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    program, kept = with_program(
        (
            (load, 0, 0, _MACHINE_AT),
            (equal, 0, 5, audit),
            (load, 0, 0, _NUMBER_AT),
            (at_least, 3, 0, _OTHER_NUMBERS),
            (equal, 2, 0, _IO_URING_SETUP),
            (equal, 2, 0, connect),
            (give, 0, 0, _ALLOW),
            (give, 0, 0, _NO_SUCH_CALL),
            (give, 0, 0, _NOTIFY),
        )
    )
    # Where the kernel can, a signal does not make a process ask the same thing twice.
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):
        asked = (_FILTER_MODE, flags, ctypes.byref(program))
        listener = int(_libc().syscall(seccomp, *asked))
        if listener >= 0:
            break
    del kept
    return _check(listener, "seccomp")


def give_up(*capabilities: int) -> None:
    """Do without capabilities, and so does all that this process becomes and starts.

    Args:
        capabilities: Their numbers, up to 31 (uapi/linux/capability.h).

    Raises:
        OSError: It is not permitted to.
    """
    libc = _libc()
    header = struct.pack("Ii", _CAPABILITIES_VERSION, 0)
    content = ctypes.create_string_buffer(_CAPABILITIES.size)
    _check(libc.capget(header, content), "capget")
    kept = ~sum(1 << one for one in capabilities) & 0xFFFFFFFF
    low, high = _CAPABILITIES.unpack(content.raw)[:3], _CAPABILITIES.unpack(content.raw)[3:]
    bounds = [libc.prctl(_DROP_FROM_BOUNDS, one, 0, 0, 0) for one in capabilities]
    _check(min(bounds), "prctl")
    new = _CAPABILITIES.pack(*(one & kept for one in low), *high)
    _check(libc.capset(header, new), "capset")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
