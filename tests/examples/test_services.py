def test_totals(mage, postgres):
    mage.run("api_to_postgres")

    totals = postgres.query("SELECT sum(total_amount) AS total FROM ny_taxi.yellow_cab_data")
    assert totals["total"][0].as_py() > 0
