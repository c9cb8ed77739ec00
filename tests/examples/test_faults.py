def test_an_upload_that_is_refused_is_tried_again(mage, expect, faults):
    faults.gcs(503, times=2, block="taxi_data_to_gcs", containing="POST /upload/")

    mage.run("api_to_gcs")

    expect.objects("harness-project-yellowtaxi-bucket", "nyc_taxi_data.parquet").rows(9_110)


def test_a_connection_that_is_cut_leaves_no_half_table(mage, postgres, faults):
    faults.postgres("cut", size=100_000, block="taxi_data_to_postgres")

    run = mage.run("api_to_postgres", check=False)

    assert not run.ok
    assert postgres.inventory() == []
