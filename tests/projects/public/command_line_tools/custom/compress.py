import os
import subprocess

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@custom
def compress(df, *args, **kwargs):
    os.system('gzip -kf rides.csv')
    subprocess.run('grep -c "^1999" rides.csv', shell=True)
    return {'size': os.path.getsize('rides.csv.gz')}


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
