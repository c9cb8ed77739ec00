"""``mage-harness bigquery``."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request


def test_it_says_where_it_is_and_ends_by_a_signal():
    code = "from harness.cli.main import run_command\nrun_command(['bigquery'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            first = process.stdout.readline()
            second = process.stdout.readline()
            url = first.removeprefix("BigQuery listens on ").strip()
            assert second.strip() == f"export BIGQUERY_EMULATOR_HOST={url}"
            with urllib.request.urlopen(f"{url}/bigquery/v2/projects", timeout=20) as answer:
                assert answer.status == 200
            process.send_signal(signal.SIGINT)
            process.wait(20)
        finally:
            process.kill()
