def test_the_trips_in_postgres_are_as_agreed(mage):
    mage.run("api_to_postgres", contract=True)
