if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(data, *args, **kwargs):
    """
    Drop the trips that carried nobody: a passenger count of zero, or none at all.
    """
    without = ~(data['passenger_count'].fillna(0) > 0)
    print(f'Trips without passengers: {without.sum()} of {len(data)}')

    return data[~without].reset_index(drop=True)


@test
def test_every_trip_has_passengers(output, *args) -> None:
    without = ~(output['passenger_count'].fillna(0) > 0)
    assert not without.any(), f'{without.sum()} trips without passengers are left'
