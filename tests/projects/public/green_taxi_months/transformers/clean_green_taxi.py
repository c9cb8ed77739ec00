import re

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


def camel_to_snake(name):
    name = re.sub('(.)([A-Z][a-z]+)', r'\1_\2', name)
    return re.sub('([a-z0-9])([A-Z])', r'\1_\2', name).lower()


@transformer
def transform(data, *args, **kwargs):
    data = data[(data['passenger_count'] > 0) & (data['trip_distance'] > 0)]
    data['lpep_pickup_date'] = data['lpep_pickup_datetime'].dt.date
    data.columns = [camel_to_snake(col) for col in data.columns]
    print(data['vendor_id'].unique())
    return data


@test
def test_vendor_id(output, *args) -> None:
    assert 'vendor_id' in output.columns, 'vendor_id is not a column'


@test
def test_passenger_count(output, *args) -> None:
    assert (output['passenger_count'] > 0).all(), 'There are rides with zero passengers'


@test
def test_trip_distance(output, *args) -> None:
    assert (output['trip_distance'] > 0).all(), 'There are rides with no distance'
