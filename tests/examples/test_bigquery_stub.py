from google.cloud import bigquery

from harness.bigquery import Fault


def test_the_report_reads_one_day_only(bigquery_stub):
    client = bigquery.Client()
    client.create_dataset("shop")
    client.query_and_wait(
        "CREATE TABLE shop.orders (day DATE, amount NUMERIC) PARTITION BY day "
        "OPTIONS (require_partition_filter = TRUE)"
    )
    client.query_and_wait(
        "INSERT INTO shop.orders VALUES (DATE '2021-01-31', 1.5), (DATE '2021-02-01', 2)"
    )
    orders = bigquery_stub.snapshot()
    bigquery_stub.faults.add(Fault(operation="jobs.query", reason="backendError"))

    report = "SELECT SUM(amount) FROM shop.orders WHERE day = '2021-01-31'"
    (row,) = client.query_and_wait(report)

    assert row[0] == 1.5
    assert bigquery_stub.faults.unmet() == ()
    assert bigquery_stub.queries()[-1].bytes_processed == 24
    bigquery_stub.restore(orders)
