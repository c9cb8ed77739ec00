from re import sub

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(data, *args, **kwargs):
    """
    Give the columns names in lower case with underscores: VendorID becomes vendor_id,
    PULocationID pu_location_id, and "Trip Type" trip_type.
    """
    return data.rename(columns=standard_name)


def standard_name(name):
    name = sub(r'\W+', '_', name).strip('_')
    name = sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name)
    return name.lower()


@test
def test_names_are_standard(output, *args) -> None:
    names = list(output.columns)
    assert names == [standard_name(name) for name in names], f'Not all are standard: {names}'


@test
def test_names_are_unique(output, *args) -> None:
    assert output.columns.is_unique, f'Two columns share a name: {list(output.columns)}'
