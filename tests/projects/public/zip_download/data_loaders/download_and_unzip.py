import glob
import os
import urllib.request
import zipfile

import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


DATA_DIR = '/home/src/data'
URL = 'https://archive.ics.uci.edu/static/public/275/bike+sharing+dataset.zip'


@data_loader
def load_data(*args, **kwargs):
    os.makedirs(DATA_DIR, exist_ok=True)
    target = os.path.join(DATA_DIR, 'bike.zip')
    urllib.request.urlretrieve(URL, target)
    with zipfile.ZipFile(target) as archive:
        archive.extractall(DATA_DIR)
    os.remove(target)

    files = sorted(glob.glob(f'{DATA_DIR}/*.csv'))
    return pd.concat([pd.read_csv(file, parse_dates=['dteday']).assign(source=os.path.basename(file))
                      for file in files])


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
