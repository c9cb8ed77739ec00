"""What ``mage-harness open --shell python`` begins with: the outputs of blocks, and connections.

It is run by the interpreter of Mage's environment, whose libraries read what Mage wrote.
"""

import json
import keyword
import os
from typing import Any, Dict, List


def _value(folder: str) -> Any:
    """One output: a frame, or what Mage wrote as JSON; the folder itself for other objects."""
    import pandas as pd

    found: List[str] = [
        os.path.join(at, name) for at, _, names in os.walk(folder) for name in names
    ]
    whole = [file for file in found if os.path.basename(file) == "data.parquet"]
    parts = sorted(
        file
        for file in found
        if file.endswith(".parquet") and not os.path.basename(file).startswith("sample_data")
    )
    if whole or parts:
        return pd.concat([pd.read_parquet(file) for file in whole[:1] or parts])
    if os.path.join(folder, "data.json") in found:
        with open(os.path.join(folder, "data.json"), encoding="utf-8") as stream:
            return json.load(stream)
    return folder


def _loaded() -> Dict[str, List[Any]]:
    told = json.loads(os.environ["MAGE_HARNESS_OUTPUTS"])
    return {block: [_value(folder) for folder in folders] for block, folders in told.items()}


def postgres() -> Any:
    """A connection to the private PostgreSQL; each statement is committed."""
    import psycopg2

    connection = psycopg2.connect("")
    connection.autocommit = True
    return connection


def gcs() -> Any:
    """A client of the private Cloud Storage."""
    from google.cloud import storage

    return storage.Client()


def bigquery() -> Any:
    """A client of the private BigQuery."""
    from google.cloud import bigquery as library

    return library.Client()


outputs = _loaded()
for _block, _values in outputs.items():
    _shape = getattr(_values[0], "shape", None)
    _kind = type(_values[0]).__name__
    _told = "%s of shape %s" % (_kind, _shape) if _shape else _kind
    if _block.isidentifier() and not keyword.iskeyword(_block) and _block not in globals():
        globals()[_block] = _values[0]
        print("%s = outputs[%r][0]: %s" % (_block, _block, _told))
    else:
        print("outputs[%r][0]: %s" % (_block, _told))
print("postgres(), gcs(), bigquery(): a connection, a client")
