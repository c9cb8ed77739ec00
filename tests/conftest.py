"""What all tests share."""

from __future__ import annotations

import signal
from pathlib import Path

# What pytester's sessions import is taken out again, and the part of psycopg2 in C would keep the
# classes of the first ``psycopg2.sql``.
import psycopg2.sql  # noqa: F401
import pytest
from hypothesis import settings

# The same examples in every run; "pytest --hypothesis-profile random" draws others.
settings.register_profile("gate", derandomize=True)
settings.register_profile("random", derandomize=False, print_blob=True)
settings.load_profile("gate")

# A background job of a shell ignores Ctrl-C, and so would what the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
SHARED_TAXI = ROOT.parent / "shared" / "taxi"


@pytest.fixture(scope="session")
def shared_taxi() -> Path:
    """The folder of real taxi data that lies beside the project on some machines."""
    if not SHARED_TAXI.is_dir():
        pytest.skip("real taxi data is not here: no folder shared/taxi beside the project")
    return SHARED_TAXI
