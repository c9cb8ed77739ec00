import pytest


@pytest.mark.slow
@pytest.mark.parametrize("pipeline", ["api_to_postgres", "api_to_gcs"])
def test_a_month_can_be_loaded_again(expect, pipeline):
    expect.idempotent(pipeline, variables={"year": 2021, "month": 1})
