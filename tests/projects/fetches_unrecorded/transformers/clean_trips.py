if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer
if "test" not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(data, *args, **kwargs):
    data = data[data["passenger_count"] > 0]
    data["pickup_date"] = data["pickup_datetime"].dt.date
    data.columns = data.columns.str.lower().str.replace("vendorid", "vendor_id")
    return data[data["vendor_id"].isin([1, 2])]


@test
def test_there_are_trips_of_both(output, *args):
    assert set(output["vendor_id"]) == {1, 2}
