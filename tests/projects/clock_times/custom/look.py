import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom

FILE_OF_CHILD = "import os, time; open('child', 'w').close(); print(os.path.getmtime('child'))"


@custom
def look(*args, **kwargs):
    """Seconds since the epoch by whatever tells the time on this machine, in order."""
    folder = Path(tempfile.mkdtemp())
    told = {'execution_date': kwargs['execution_date'].timestamp() if 'execution_date' in kwargs else 0.0}
    told['datetime.now'] = datetime.now().timestamp()
    told['datetime.utcnow'] = datetime.utcnow().replace(tzinfo=timezone.utc).timestamp()
    told['time.time'] = time.time()
    told['date'] = float(subprocess.check_output(['date', '-u', '+%s.%N']))
    told['python'] = float(
        subprocess.check_output([sys.executable, '-I', '-c', 'import time; print(time.time())'])
    )
    told['pandas.Timestamp.now'] = pd.Timestamp.now(tz='UTC').timestamp()
    (folder / 'file').write_text('')
    told['os.stat'] = os.stat(folder / 'file').st_mtime
    told['Path.stat'] = (folder / 'file').stat().st_mtime_ns / 1e9
    told['os.path.getmtime of a child'] = float(
        subprocess.check_output([sys.executable, '-c', FILE_OF_CHILD], cwd=folder)
    )
    began = time.monotonic()
    time.sleep(0.2)
    waited = time.monotonic() - began
    assert 0.2 <= waited < 20, waited
    return pd.DataFrame({'what': list(told), 'seconds': list(told.values())})
