if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(songs, releases, *args, **kwargs):
    return songs.merge(releases, left_on=['song', 'artist'], right_on=['title', 'artist.name'], how='left')


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
