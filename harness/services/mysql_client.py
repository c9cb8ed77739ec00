"""The client of MySQL that the harness itself has, by an extra."""

from __future__ import annotations

import importlib.util

from harness.errors import EnvironmentNotAbleError
from harness.services.catalogue import BY_NAME


def require_client() -> None:
    """Make sure that what the extra ``mysql`` brings is installed.

    Raises:
        EnvironmentNotAbleError: It is not; the message says how it is installed.
    """
    lacking = [one for one in BY_NAME["mysql"].modules if importlib.util.find_spec(one) is None]
    if lacking:
        raise EnvironmentNotAbleError(
            "the client of the private MySQL is not installed",
            cause=f"something asks for MySQL, and there is no {', '.join(lacking)}",
            remedy="install the extra: uv pip install 'mage-harness[mysql]'",
        )
