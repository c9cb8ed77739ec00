"""What is loaded inside Mage's process: ``site/`` is put on its PYTHONPATH.

What is in ``container/`` starts Mage in its container. Everything below both uses the standard
library only and runs on Python 3.8 and later, since it is loaded by the interpreter of Mage's
environment, not by the harness's.
"""

from __future__ import annotations

from pathlib import Path

TAP = Path(__file__).parent
SITE = TAP / "site"
ALLOWED_VARIABLE = "MAGE_HARNESS_ALLOWED"
ARCS_VARIABLE = "MAGE_HARNESS_ARCS"
CODE_VARIABLE = "MAGE_HARNESS_CODE"
ENGINE_VARIABLE = "MAGE_HARNESS_ENGINE"
EVENTS_VARIABLE = "MAGE_HARNESS_EVENTS"
EXECUTION_DATE_VARIABLE = "MAGE_HARNESS_EXECUTION_DATE"
GOOGLE_KEY_VARIABLE = "MAGE_HARNESS_GOOGLE_KEY"
KILLED_AFTER_VARIABLE = "MAGE_HARNESS_KILLED_AFTER"
POSTGRES_VARIABLE = "MAGE_HARNESS_POSTGRES"
PROJECT_VARIABLE = "MAGE_HARNESS_PROJECT"
REACHABLE_VARIABLE = "MAGE_HARNESS_REACHABLE"
STACKS_VARIABLE = "MAGE_HARNESS_STACKS"
STORAGE_VARIABLE = "BIGQUERY_STORAGE_GRPC_ENDPOINT"
