"""Runs one command in Mage's container: ``python3 supervise.py FOLDER COMMAND...``.

The harness, outside, has no process to wait for, so they talk by small files in the run's folder:
``process.json`` says which process it is, ``ask-stacks`` asks for its stacks, ``ask-end`` for the
end of its group, and ``ended.json`` says how it ended, when nothing is left of the group.
"""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any, Dict, List

POLL = 0.02
GRACE = 2.0


def main() -> None:
    """Start the command, do as asked, and tell how it ended."""
    folder, command = sys.argv[1], sys.argv[2:]
    os.umask(0o077)
    try:
        process = start(folder, command)
    except OSError as error:
        tell(folder, "ended.json", {"error": error.strerror, "what": error.filename})
        return
    tell(folder, "process.json", {"pid": process.pid})
    asked = False
    while not ended(process) and not os.path.exists(os.path.join(folder, "ask-end")):
        if not asked and os.path.exists(os.path.join(folder, "ask-stacks")):
            asked = True
            os.kill(process.pid, signal.SIGUSR1)
        time.sleep(POLL)
    end_group(process)
    tell(folder, "ended.json", {"status": process.returncode})


def start(folder: str, command: List[str]) -> "subprocess.Popen[bytes]":
    """Start the command as the leader of a session, its output in new files of the folder."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    out = os.open(os.path.join(folder, "stdout.txt"), flags, 0o600)
    err = os.open(os.path.join(folder, "stderr.txt"), flags, 0o600)
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
    finally:
        os.close(out)
        os.close(err)


def ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it has ended; it is not reaped, so its group's number stays its own."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all of its group, first politely, and wait for it."""
    send(process.pid, signal.SIGTERM)
    until = time.monotonic() + GRACE
    while not ended(process) and time.monotonic() < until:
        time.sleep(POLL)
    send(process.pid, signal.SIGKILL)
    process.wait()


def send(group: int, number: int) -> None:
    """Signal a group that may be gone."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def tell(folder: str, name: str, facts: Dict[str, Any]) -> None:
    """Write a file that is there whole or not at all."""
    path = os.path.join(folder, name)
    with open(path + ".partial", "w") as file:
        json.dump(facts, file)
    os.rename(path + ".partial", path)


if __name__ == "__main__":
    main()
