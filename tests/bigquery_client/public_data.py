"""Made-up rows in the place of the public tables that the system tests read.

Only names and types are those of BigQuery's public datasets, and the few values that a test expects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.services.bigquery import BigQueryStub

PROJECT = "bigquery-public-data"
_TABLES = {
    "samples.shakespeare": """
        SELECT CONCAT('word', CAST(n AS STRING)) AS word, MOD(n, 97) + 1 AS word_count,
            CONCAT('play', CAST(MOD(n, 7) AS STRING)) AS corpus, 1590 + MOD(n, 7) AS corpus_date
        FROM UNNEST(GENERATE_ARRAY(1, 164656)) AS n""",
    "samples.natality": """
        SELECT 1969 + MOD(n, 40) AS source_year, 1969 + MOD(n, 40) AS year,
            MOD(n, 12) + 1 AS month, MOD(n, 28) + 1 AS day, 'CA' AS state, MOD(n, 2) = 0 AS is_male,
            6.5 + MOD(n, 10) / 4 AS weight_pounds
        FROM UNNEST(GENERATE_ARRAY(1, 2000)) AS n""",
    "samples.gsod": """
        SELECT 10000 + MOD(n, 50) AS station_number, MOD(n, 20) AS wban_number, 1929 + MOD(n, 80) AS year,
            MOD(n, 12) + 1 AS month, MOD(n, 28) + 1 AS day, 50.0 + MOD(n, 9) AS mean_temp
        FROM UNNEST(GENERATE_ARRAY(1, 2000)) AS n""",
    "hacker_news.full": """
        SELECT CONCAT('title', CAST(n AS STRING)) AS title, CAST(NULL AS STRING) AS url, 'x' AS text,
            IF(n = 1, 'pg', 'phyllis') AS `by`, MOD(n, 50) AS score, 1160418111 + n AS time,
            CASE n WHEN 1 THEN TIMESTAMP '2006-10-09 18:21:51'
                WHEN 2 THEN TIMESTAMP '2006-10-09 18:30:28'
                WHEN 3 THEN TIMESTAMP '2006-10-09 18:40:33'
                ELSE TIMESTAMP_ADD(TIMESTAMP '2006-10-09 18:40:33', INTERVAL n SECOND) END
                AS timestamp,
            FALSE AS dead, FALSE AS deleted, 'story' AS type, n AS id, 0 AS parent, 0 AS descendants
        FROM UNNEST(GENERATE_ARRAY(1, 150000)) AS n""",
    "utility_us.country_code_iso": """
        SELECT CONCAT(IF(n < 9, 'U', 'C'), 'ountry', CAST(n AS STRING)) AS country_name,
            CONCAT('C', CAST(n AS STRING)) AS alpha_2_code
        FROM UNNEST(GENERATE_ARRAY(1, 248)) AS n""",
    "usa_names.usa_1910_2013": """
        SELECT ['TX', 'CA', 'WA'][MOD(n, 3)] AS state, IF(MOD(n, 2) = 0, 'F', 'M') AS gender,
            1910 + MOD(n, 104) AS year, CONCAT('Name', CAST(MOD(n, 40) AS STRING)) AS name, n AS number
        FROM UNNEST(GENERATE_ARRAY(1, 2000)) AS n""",
    "stackoverflow.posts_questions": """
        SELECT n AS id, 'What' AS title, n * 3 AS view_count, '<python><google-bigquery>' AS tags
        FROM UNNEST(GENERATE_ARRAY(1, 2000)) AS n""",
}


def seed(stub: BigQueryStub) -> None:
    """Make the tables."""
    with stub.client() as client:
        for dataset in {name.partition(".")[0] for name in _TABLES} | {"ethereum_blockchain"}:
            client.create_dataset(f"{PROJECT}.{dataset}")
        for name, query in _TABLES.items():
            client.query_and_wait(f"CREATE TABLE `{PROJECT}.{name}` AS {query}")
        client.query_and_wait(
            f"CREATE TABLE `{PROJECT}.ethereum_blockchain.blocks`"
            "(timestamp TIMESTAMP, number INT64) PARTITION BY DATE(timestamp) AS "
            "SELECT TIMESTAMP_ADD(TIMESTAMP '2018-07-30', INTERVAL n DAY), n "
            "FROM UNNEST(GENERATE_ARRAY(1, 1200)) AS n"
        )
