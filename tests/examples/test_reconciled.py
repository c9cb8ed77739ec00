import json
from pathlib import Path

FACTS = json.loads(Path("fixtures/http/nyc_tlc/facts.json").read_text())


def test_each_row_of_the_month_is_accounted_for(mage):
    run = mage.run("api_to_postgres", variables={"year": 2021, "month": 1})

    without_passengers = FACTS["rows"] - FACTS["rows_with_passengers"]
    ledger = run.reconciles(dropped={"transform_taxi_data": without_passengers})

    assert ledger["taxi_data_to_postgres"].sinks == ("ny_taxi.yellow_cab_data",)
