"""Removes a session's bucket or dataset: what the guardian runs when the harness was killed.

``python -m harness.services.given.real_removal --project P --token T --bucket --dataset``
"""

from __future__ import annotations

import argparse
import re
import time
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.machine.guardian import Guardian
from harness.services.given.real import BIGQUERY, GCS, RealProject
from harness.services.given.real_bigquery import RealBigQuery
from harness.services.given.real_credentials import SignIn, application_default
from harness.services.given.real_gcs import remove_bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TOKEN = re.compile(r"[0-9a-f]{16}")
# A request of the killed process may still be on its way to Google.
_LATER = 2.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Remove what is named; it is no error where there is nothing."""
    asked = _asked(arguments)
    real = RealProject(
        project=asked.project,
        sign_in=SignIn() if asked.anonymous else application_default(),
        token=asked.token,
        gcs=asked.gcs,
        bigquery=asked.bigquery,
    )
    removals: list[Callable[[], None]] = []
    if asked.bucket:
        removals.append(lambda: remove_bucket(real))
    if asked.dataset:
        removals.append(RealBigQuery(real, guardian=Guardian()).remove)
    for again in (True, False):
        for removal in removals:
            try:
                removal()
            except HarnessError:
                if not again:
                    raise
        time.sleep(_LATER if again else 0)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="real_removal")
    parser.add_argument("--project", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--bucket", action="store_true")
    parser.add_argument("--dataset", action="store_true")
    parser.add_argument("--anonymous", action="store_true")
    parser.add_argument("--gcs", default=GCS)
    parser.add_argument("--bigquery", default=BIGQUERY)
    asked = parser.parse_args(arguments)
    if not _TOKEN.fullmatch(asked.token):
        # Only what bears a session's token is ever removed.
        parser.error("a token has 16 hexadecimal digits")
    return asked


if __name__ == "__main__":
    main()
