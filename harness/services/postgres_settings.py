"""How each PostgreSQL that the harness starts is set up: results and speed must be the same."""

from __future__ import annotations

from types import MappingProxyType

LOG_NAME = "postgres"
LOG_FILE = f"{LOG_NAME}.json"
"""The JSON log in the log's folder; the server itself chooses the ending."""
ENCODING = "UTF8"
LOCALES = ("C.UTF-8", "C")
"""The order of texts must not depend on the machine; the first that the system knows is taken."""
INITDB = (f"--encoding={ENCODING}", "--no-sync", "--wal-segsize=1")
SETTINGS = MappingProxyType(
    {
        "max_connections": "100",
        # Nothing here needs to survive a crash of the machine.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "256MB",
        "autovacuum_naptime": "1h",
        # Not every build can; where it can, it slows down queries that are run once.
        "jit": "off",
        # Files of the data directory instead of objects in /dev/shm, which a SIGKILL would leave
        # there and which a container has 64 MB of.
        "dynamic_shared_memory_type": "mmap",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # The log is read by a program.
        "lc_messages": "C",
        "logging_collector": "on",
        "log_destination": "jsonlog",
        "log_filename": f"{LOG_NAME}.log",
        "log_rotation_age": "0",
        "log_rotation_size": "0",
        "log_statement": "all",
        "log_disconnections": "on",
        "log_checkpoints": "off",
        "log_autovacuum_min_duration": "-1",
    }
)
