import datetime as dt

import pytest


@pytest.mark.mage_at
def test_a_run_of_another_day(mage, postgres):
    first = mage.run("api_to_postgres", at="2021-02-01T05:00Z")
    (day,) = postgres.query("SELECT CURRENT_DATE AS day")["day"].to_pylist()

    assert first.at == "2021-02-01T05:00:00Z"
    assert day == dt.date(2021, 2, 1)


@pytest.mark.mage_at("2021-02-02T05:00Z")
def test_a_world_of_its_own_time(postgres):
    (day,) = postgres.query("SELECT CURRENT_DATE AS day")["day"].to_pylist()

    assert day == dt.date(2021, 2, 2)
