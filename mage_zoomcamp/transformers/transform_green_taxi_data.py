if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test

VENDORS = (1, 2)


@transformer
def transform(data, *args, **kwargs):
    """
    Drop the trips that carried nobody or went nowhere, and tell the date of each pick-up.

    The columns have standard names already.
    """
    carried = data['passenger_count'].fillna(0) > 0
    moved = data['trip_distance'] > 0
    kept = data[carried & moved].reset_index(drop=True)
    print(f'Trips without passengers or distance: {len(data) - len(kept)} of {len(data)}')

    return kept.assign(lpep_pickup_date=kept['lpep_pickup_datetime'].dt.date)


@test
def test_vendors_are_known(output, *args) -> None:
    assert 'vendor_id' in output.columns, f'There is no vendor_id: {list(output.columns)}'
    others = set(output['vendor_id'].dropna()) - set(VENDORS)
    assert not others, f'Vendors that are not known: {others}'


@test
def test_every_trip_has_passengers(output, *args) -> None:
    without = ~(output['passenger_count'].fillna(0) > 0)
    assert not without.any(), f'{without.sum()} trips without passengers are left'


@test
def test_every_trip_went_somewhere(output, *args) -> None:
    without = ~(output['trip_distance'] > 0)
    assert not without.any(), f'{without.sum()} trips without a distance are left'
