"""Uses what keeps threads, locks or pools of its own, and what reads its process's circumstances."""

import atexit
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.linear_model import LinearRegression

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader

atexit.register(print, 'the end')


@data_loader
def load(*args, **kwargs):
    wide = np.ones((400, 400))
    frame = pl.DataFrame({'kind': ['a', 'b'] * 5000, 'rows': range(10000)})
    kinds = frame.group_by('kind').agg(pl.col('rows').sum()).sort('kind')
    file = os.path.join(tempfile.gettempdir(), 'rows.parquet')
    pq.write_table(pa.table({'rows': list(range(1000))}), file)
    line = LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    with ThreadPoolExecutor(4) as pool:
        squares = sum(pool.map(lambda one: one * one, range(100)))
    with ProcessPoolExecutor(1) as pool:
        elsewhere = pool.submit(pow, 2, 10).result()
    said = subprocess.run(
        [sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True, check=True
    )
    facts = {
        'product': str((wide @ wide).sum()),
        'polars': str(kinds['rows'].to_list()),
        'parquet': str(len(pd.read_parquet(file))),
        'slope': str(round(float(line.coef_[0]), 6)),
        'squares': str(squares),
        'elsewhere': str(elsewhere),
        'program': said.stdout.strip(),
        'home is tmp': str(os.path.expanduser('~') in tempfile.gettempdir()),
        'arguments': str(len(sys.argv)),
        'main': os.path.basename(sys.modules['__main__'].__file__),
        'first path': os.path.basename(sys.path[0]),
        'tap': str('mage_harness_warm' in sys.modules),
        'input': str(len(sys.stdin.read())),
        'mask': oct(os.umask(0o077)),
        'leads': str(os.getpid() == os.getsid(0)),
        'descriptors': str(len(os.listdir('/proc/self/fd'))),
        'variables': str(sorted(os.environ)),
    }
    return pd.DataFrame({'what': list(facts), 'said': list(facts.values())})
