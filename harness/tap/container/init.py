"""Process 1 of Mage's container: ``python3 init.py READY HOST PORT``.

It proves that the container shares the harness's folder and reaches the harness, and then waits
for orphans, which nobody else would. Pipelines are started beside it by exec, and cannot end it.
"""

import os
import signal
import socket
import sys

SECONDS = 5.0
UNREACHABLE = 9
ENDINGS = frozenset((signal.SIGTERM, signal.SIGINT))


def main() -> None:
    """Knock at the harness, leave the file that says so, and reap until SIGTERM."""
    ready, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    heeded = ENDINGS | {signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, heeded)
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError as error:
        sys.stderr.write("cannot reach the harness at %s:%d: %s\n" % (host, port, error))
        sys.exit(UNREACHABLE)
    with open(ready, "w") as file:
        file.write(sys.version.split()[0])
    while True:
        heard = signal.sigwaitinfo(heeded)
        # The engine has no number in here; a block, which may signal everybody, has one.
        if heard.si_signo in ENDINGS and heard.si_pid == 0:
            return
        reap()


def reap() -> None:
    """Wait for all orphans that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    main()
