"""A pytest plugin for the client's system tests: credentials, endpoints, and a note of each outcome.

The tests themselves stay as they are.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import google.auth
import google.auth.credentials
import pytest
from google.cloud import bigquery_storage

OUTCOMES = "BIGQUERY_LEDGER_OUTCOMES"
LEFT_OUT = "BIGQUERY_LEDGER_LEFT_OUT"
STORAGE = "BIGQUERY_STORAGE_GRPC_ENDPOINT"
_SECONDS = 30


class _Anonymous(google.auth.credentials.AnonymousCredentials):
    """The client asks its credentials for another quota project or scope; these stay the same."""

    def with_quota_project(self, _):
        return self

    def refresh(self, _):
        self.token = "none"


def pytest_configure(config):
    google.auth.default = lambda *_, **__: (_Anonymous(), os.environ["GOOGLE_CLOUD_PROJECT"])
    _serve_storage(os.environ[STORAGE])


def _serve_storage(endpoint):
    from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
        BigQueryReadGrpcTransport,
    )
    from grpc import insecure_channel

    plain = bigquery_storage.BigQueryReadClient.__init__

    def changed(self, **_):
        options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
        channel = insecure_channel(endpoint, options)
        plain(self, transport=BigQueryReadGrpcTransport(channel=channel))

    bigquery_storage.BigQueryReadClient.__init__ = changed


def pytest_collection_modifyitems(config, items):
    left_out = set(json.loads(Path(os.environ[LEFT_OUT]).read_text("utf-8")))
    _note({"collected": [item.nodeid for item in items]})
    items[:] = [item for item in items if item.nodeid not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    def late(*_):
        raise TimeoutError(f"it took more than {_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(_SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def pytest_runtest_logreport(report):
    if report.when == "call" or not report.passed:
        crash = getattr(report.longrepr, "reprcrash", None)
        told = crash.message if crash else str(report.longrepr or "")
        _note({"id": report.nodeid, "outcome": report.outcome, "told": told})


def _note(fact):
    with Path(os.environ[OUTCOMES]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(fact) + "\n")
