"""What else pipelines read from: APIs with pages and tokens, pages of the web, archives."""

from __future__ import annotations

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tests.walls import needs_namespace

SECRETS = {
    "music_client_id": "throw-away",
    "music_client_secret": "throw-away",
    "music_refresh_token": "throw-away",
}
SALES = {"postgres/sales.daily.csv": "region,amount\nsouth,20\nnorth,10\n"}


def test_the_example_that_mage_makes_leaves_its_file(world):
    done = world.run("titanic_example", "example_pipeline")
    done.require_success()
    clean = pa_csv.read_csv(done.file("titanic_clean.csv"))
    assert clean.num_rows == 4
    assert clean["Age"].to_pylist() == [22, 38, 38, 54]


def test_an_api_by_key_is_paged_with_waits_and_retries(world):
    done = world.run(
        "weather_api", "weather_etl", env={"WEATHER_API_KEY": "throw-away"}, sleep="short"
    )
    done.require_success()
    assert world.rows() == {"weather.hourly": 4}
    assert "Lagos: 4 rows so far" in done.stderr
    hourly = world.stack.postgres.query("SELECT sum(temp_f)::float AS f FROM weather.hourly")
    assert hourly["f"].to_pylist() == [2 * (50 + 68)]


def test_a_key_that_nobody_sets_is_told_with_the_line_to_write(world):
    done = world.run("weather_api", "weather_etl")
    told = {one.code: one for one in done.problems}
    assert told["block-failed"].line == 14
    assert 'WEATHER_API_KEY = "..."' in told["missing-variable"].message


def test_rows_that_are_there_are_updated_by_a_second_run(world):
    for keep in (False, True):
        world.run(
            "weather_api",
            "weather_etl",
            env={"WEATHER_API_KEY": "throw-away"},
            sleep="short",
            keep=keep,
        ).require_success()
    assert world.rows() == {"weather.hourly": 4}


def test_a_page_of_the_web_is_scraped_into_an_object_named_by_the_date(world):
    done = world.run("scraped_table", "market_quotes", at="2021-02-01T05:00Z")
    done.require_success()
    assert world.rows() == {"market-quotes/2021/02/01/quotes.parquet": 2}
    quotes = world.stack.gcs.read("market-quotes/2021/02/01/quotes.parquet")
    assert quotes["Last"].to_pylist() == [13_432.87, 637.10]


@needs_namespace
def test_an_archive_is_unpacked_where_the_author_has_a_folder(world):
    done = world.run("zip_download", "bike_files")
    done.require_success()
    assert pq.read_table(done.file("/home/src/data/day.parquet")).num_rows == 2
    assert pq.read_table(done.file("/home/src/data/hour.parquet")).num_rows == 1


def test_tokens_pages_and_graphql_are_answered_by_what_is_sent(world):
    world.run("oauth_api", "music", secrets=SECRETS).require_success()
    assert world.rows() == {"music-390114.music.played": 3}
    played = world.stack.bigquery.read("music-390114.music.played")
    titles = dict(zip(played["played_at"].to_pylist(), played["title"].to_pylist(), strict=True))
    assert list(titles.values()).count("Blue") == 2


def test_secrets_that_are_not_given_are_told_at_once(world):
    done = world.run("oauth_api", "music")
    told = " ".join(one.message for one in done.problems)
    assert not done.ok
    assert all(name in told for name in SECRETS)


def test_a_report_is_sent_where_a_recording_answers(world):
    hook = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x"}
    world.run("slack_report", "daily_report", seeds=SALES, env=hook).require_success()


def test_a_report_that_nobody_takes_is_a_problem_though_the_block_goes_on(world):
    hook = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T1/B1/y"}
    done = world.run("slack_report", "daily_report", seeds=SALES, env=hook)
    assert [(one.code, one.block) for one in done.problems] == [("http-unrecorded", "send_report")]


def test_a_report_without_an_address_is_told_of_though_the_block_swallows_it(world):
    world.run("slack_report", "daily_report", seeds=SALES)
    assert any(
        "SLACK_WEBHOOK_URL" in one and "data_exporters/send_report.py:10" in one
        for one in world.told
    )
