"""What is to be deleted on somebody's server when the harness was killed, and who does it.

``python -m harness.services.given.will FILE`` is what the guardian runs then.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.machine.order import order

if TYPE_CHECKING:
    from harness.machine.guardian import Guardian

_MODULE = "harness.services.given.will"
_PASSED = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


class Will:
    """A file of facts, and the guardian's order to act on it.

    Args:
        service: ``gcs`` or ``bigquery``.
        guardian: Who acts; where there is none, nobody does.
    """

    def __init__(self, service: str, *, guardian: Guardian | None) -> None:
        self._service = service
        self._guardian = guardian
        self._folder: Path | None = None

    def write(self, **facts: Any) -> None:
        """Leave the order.

        Args:
            facts: What ``carry_out`` of the service needs to know.
        """
        if self._guardian is None:
            return
        self._folder = self._guardian.make_folder(prefix=f"mage-harness-{self._service}-")
        file = self._folder / "will.json"
        file.write_text(json.dumps({"service": self._service, **facts}), "utf-8")
        command, variables = order(_MODULE, str(file), variables=_PASSED)
        self._guardian.command(str(file), command, environment=variables)

    def revoke(self) -> None:
        """Take the order back. Safe to call twice."""
        folder, self._folder = self._folder, None
        if folder is not None and self._guardian is not None:
            self._guardian.forget_command(str(folder / "will.json"))
            self._guardian.delete(folder)


def main(file: Path) -> None:
    """Delete what a session that is gone made.

    Args:
        file: What it left.
    """
    from harness.services.given.bigquery import GivenBigQuery  # noqa: PLC0415 - they import this
    from harness.services.given.gcs import GivenGcs  # noqa: PLC0415

    will = json.loads(file.read_text("utf-8"))
    kinds: dict[str, type[GivenGcs | GivenBigQuery]] = {"gcs": GivenGcs, "bigquery": GivenBigQuery}
    kinds[will["service"]](will["url"], project=will["project"]).carry_out(will)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
