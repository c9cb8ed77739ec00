"""What ``{gcs_bucket}``, ``{s3_bucket}`` and ``{bigquery_dataset}`` stand for, if any name will do.

On a real Google Cloud project they stand for a throw-away bucket and dataset, so tests that write
by these placeholders run unchanged there.
"""

from __future__ import annotations

BUCKET = "mage-harness-bucket"
DATASET = "mage_harness_dataset"
