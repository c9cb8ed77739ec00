"""Bad input for the BigQuery stub, made from good input; and what must hold whatever comes.

Everything is drawn from a ``random.Random``, which hypothesis can give: the same seed, the same input.
"""

from tests.bigquery_fuzzing.bad_bodies import as_bytes, parameters, spoiled
from tests.bigquery_fuzzing.bad_files import MULTIPART, damaged, files, load_job, multipart
from tests.bigquery_fuzzing.bad_statements import nonsense
from tests.bigquery_fuzzing.calls import BODIES, PATHS
from tests.bigquery_fuzzing.wire import ROOT, UPLOAD, Wire, checked

__all__ = [
    "BODIES",
    "MULTIPART",
    "PATHS",
    "ROOT",
    "UPLOAD",
    "Wire",
    "as_bytes",
    "checked",
    "damaged",
    "files",
    "load_job",
    "multipart",
    "nonsense",
    "parameters",
    "spoiled",
]
