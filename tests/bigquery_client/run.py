"""Runs the client's system tests against a fresh stub and holds the ledger against the outcome.

python tests/bigquery_client/run.py [--grow] [options of pytest, such as -k copy]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from adaptation import LEFT_OUT, OUTCOMES, STORAGE
from fetching import fetched
from ledger import Ledger
from public_data import seed

from harness.services.bigquery import BigQueryStub
from harness.services.embedded.gcs import GcsServer

HERE = Path(__file__).resolve().parent
PROJECT = "client-ledger"


def main(arguments: list[str]) -> int:
    """Run, compare and tell; 0 where everything is as the ledger says."""
    grow = "--grow" in arguments
    options = [one for one in arguments if one != "--grow"]
    ledger = Ledger.read()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        gcs = GcsServer(project=PROJECT, cache=scratch)
        gcs.start()
        stack.callback(gcs.stop)
        stub = BigQueryStub(project=PROJECT, gcs_endpoint=gcs.endpoint)
        stub.start()
        stack.callback(stub.stop)
        seed(stub)
        facts = _run(ledger, options, scratch, bigquery=stub.url, gcs=gcs.endpoint)
    collected = [test for fact in facts for test in fact.get("collected", ())]
    run = dict.fromkeys(fact["id"] for fact in facts if "id" in fact)
    failures = {
        fact["id"]: fact["told"] for fact in facts if fact.get("outcome", "passed") != "passed"
    }
    if grow:
        ledger = ledger.grown(failures, run=run)
        ledger.write()
    # A choice of tests says nothing of those that were not chosen.
    known = list(ledger.states) if options else collected
    found = ledger.differences(known, failures, run=run)
    if not options:
        # A process that died half-way has not passed.
        found += ledger.unrun(collected, run=run)
    lines = [
        f"{file:22} {passed:4} pass {failed:4} fail {left_out:4} left out"
        for file, (passed, failed, left_out) in ledger.counts().items()
    ]
    lines += [f"{len(run)} run; differences from the ledger: {len(found)}", *found]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found or not run else 0


def _run(
    ledger: Ledger, options: list[str], scratch: Path, *, bigquery: str, gcs: str
) -> list[dict[str, object]]:
    """Run pytest on the tests in a process of their own: they count its sockets."""
    outcomes, left_out = scratch / "outcomes", scratch / "left_out"
    outcomes.touch()
    left_out.write_text(json.dumps(ledger.left_out), "utf-8")
    environment = {
        **os.environ,
        "BIGQUERY_EMULATOR_HOST": bigquery,
        "STORAGE_EMULATOR_HOST": gcs,
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "PYTHONPATH": str(HERE),
        STORAGE: bigquery.partition("//")[2],
        OUTCOMES: str(outcomes),
        LEFT_OUT: str(left_out),
    }
    command = [sys.executable, "-m", "pytest", "-p", "adaptation", "-p", "no:cacheprovider"]
    command += ["-p", "no:mage_harness", "-q", "--tb=short", "--rootdir=.", "-c", os.devnull]
    command += ["--override-ini=junit_family=xunit2", *(options or ["-rN"]), "tests/system"]
    subprocess.run(command, cwd=fetched(), env=environment, check=False)
    return [json.loads(line) for line in outcomes.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
