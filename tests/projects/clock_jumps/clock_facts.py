"""What tells a block the time."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import pandas as pd


def told(name):
    measured = time.monotonic()
    folder = Path(tempfile.gettempdir())
    (folder / name).write_text(name)
    said = subprocess.run(["date", "+%s"], capture_output=True, check=True, text=True).stdout
    return pd.DataFrame(
        [
            {
                "python": time.time(),
                "program": float(said),
                "written": os.stat(folder / name).st_mtime,
                "old": os.stat(folder / "first").st_mtime,
                "measured": measured,
            }
        ]
    )
