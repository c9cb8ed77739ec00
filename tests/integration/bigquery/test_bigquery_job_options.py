"""What a job says beside its statement: labels, limits, priorities, parameters."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"Team": "a"}, 'Label key "Team" has invalid characters'),
        ({"1a": "a"}, 'Label key "1a" has invalid characters'),
        ({"": "a"}, 'Label key "" has invalid characters'),
        ({"a": "x" * 64}, "has invalid characters"),
        ({"a": "Big"}, 'Label value "Big" has invalid characters'),
        ({"a": "a.b"}, 'Label value "a.b" has invalid characters'),
        ({f"a{n}": "" for n in range(65)}, "Too many labels"),
    ],
)
def test_labels_that_bigquery_refuses(client, labels, told):
    with pytest.raises(BadRequest, match=told):
        client.query("SELECT 1", job_config=bq.QueryJobConfig(labels=labels))
    dataset = bq.Dataset("test-project.other")
    dataset.labels = labels
    with pytest.raises(BadRequest, match=told):
        client.create_dataset(dataset)
    table = bq.Table("test-project.d.t", schema=[bq.SchemaField("a", "INT64")])
    table.labels = labels
    with pytest.raises(BadRequest, match=told):
        client.create_table(table)


def test_labels_that_it_takes(client):
    labels = {"team": "data-2_x", "größe": "", "a" * 63: "0"}
    job = client.query("SELECT 1", job_config=bq.QueryJobConfig(labels=labels))
    assert client.get_job(job.job_id).labels == labels


@pytest.mark.parametrize("api_method", ["INSERT", "QUERY"])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"priority": "URGENT"}, "Invalid value for priority: URGENT"),
        (
            {"connectionProperties": [{"key": "time_zone", "value": "UTC"}]},
            "Not supported by the BigQuery stub: connectionProperties time_zone",
        ),
        (
            {"connectionProperties": [{"key": "query_label", "value": one} for one in "ab"]},
            "Duplicate connection property: query_label",
        ),
        ({"createSession": True}, "Not supported by the BigQuery stub: createSession"),
        ({"maximumBytesBilled": "much"}, "maximumBytesBilled"),
    ],
)
def test_options_that_nobody_would_heed(client, api_method, options, told):
    if api_method == "QUERY" and "priority" in options:
        pytest.skip("jobs.query has no priority")
    config = bq.QueryJobConfig()
    config._properties["query"].update(options)
    with pytest.raises(BadRequest, match=told):
        client.query("SELECT 1", job_config=config, api_method=api_method).result()


def test_what_is_filled_in(client):
    job = client.query("SELECT 1")
    job.result()
    told = client.get_job(job.job_id)
    assert (told.priority, told.cache_hit, told.statement_type) == ("INTERACTIVE", False, "SELECT")
    assert told.slot_millis >= 0
    batch = bq.QueryJobConfig(
        priority="BATCH", connection_properties=[bq.ConnectionProperty("query_label", "a")]
    )
    job = client.query("SELECT 1", job_config=batch)
    assert client.get_job(job.job_id).priority == "BATCH"


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [("INT64", 5, "5"), ("FLOAT64", 1.5, "1.5"), ("BOOL", True, "true"), ("STRING", "x", "x")],
)
def test_values_of_parameters_become_texts(client, kind, value, kept):
    config = bq.QueryJobConfig(query_parameters=[bq.ScalarQueryParameter("p", kind, value)])
    job = client.query("SELECT @p AS p", job_config=config)
    assert [row.p for row in job.result()] == [value]
    raw = client.get_job(job.job_id)._properties["configuration"]["query"]["queryParameters"]
    assert raw[0]["parameterValue"] == {"value": kept}


def test_jobs_are_listed_in_pages_that_hold_still(client):
    ids = [client.query("SELECT 1").job_id for _ in range(5)]
    pages = client.list_jobs(page_size=2).pages
    found = [[job.job_id for job in next(pages)]]
    client.query("SELECT 2").result()
    found += [[job.job_id for job in page] for page in pages]
    assert [one for page in found for one in page if one in ids] == ids[::-1]


@pytest.mark.parametrize("state", ["done", "running", "pending"])
def test_jobs_by_state(client, state):
    client.query("SELECT 1").result()
    assert bool(list(client.list_jobs(state_filter=state))) == (state == "done")


def test_no_such_state_or_page(client):
    with pytest.raises(BadRequest, match="stateFilter"):
        list(client.list_jobs(state_filter="gone"))
    with pytest.raises(BadRequest, match="pageToken"):
        list(client.list_jobs(page_token="none"))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ('"text"', "text"),
        ("1", 1),
        (None, None),
    ],
)
def test_json_is_streamed_as_text(client, value, read):
    schema = [
        bq.SchemaField("j", "JSON"),
        bq.SchemaField("s", "RECORD", fields=[bq.SchemaField("j", "JSON")]),
    ]
    client.create_table(bq.Table("test-project.d.j", schema=schema))
    assert client.insert_rows_json("d.j", [{"j": value, "s": {"j": value}}]) == []
    assert [(row.j, row.s["j"]) for row in client.list_rows("d.j")] == [(read, read)]
    (error,) = client.insert_rows_json("d.j", [{"j": "{no"}])
    assert error["errors"][0]["location"] == "j"
