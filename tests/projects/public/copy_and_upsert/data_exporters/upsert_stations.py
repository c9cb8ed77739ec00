import io
import os
import psycopg2

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


DDL = """
CREATE SCHEMA IF NOT EXISTS bikes;
CREATE TABLE IF NOT EXISTS bikes.stations (
    station_id TEXT PRIMARY KEY,
    num_bikes_available INT,
    last_reported TIMESTAMP
);
CREATE TEMP TABLE incoming (station_id TEXT, num_bikes_available INT, last_reported BIGINT) ON COMMIT DROP;
"""
UPSERT = """
INSERT INTO bikes.stations
SELECT station_id, num_bikes_available, to_timestamp(last_reported) AT TIME ZONE 'UTC' FROM incoming
ON CONFLICT (station_id) DO UPDATE
SET num_bikes_available = EXCLUDED.num_bikes_available, last_reported = EXCLUDED.last_reported
"""


@data_exporter
def export_data(df, *args, **kwargs):
    buffer = io.StringIO()
    df.to_csv(buffer, index=False, header=False)
    buffer.seek(0)
    conn = psycopg2.connect(
        dbname=os.environ.get('DB_NAME', 'bikes'),
        user=os.environ.get('DB_USER', 'postgres'),
        password=os.environ.get('DB_PASSWORD', 'postgres'),
        host=os.environ.get('DB_HOST', 'db'),
        port=5432,
    )
    with conn, conn.cursor() as cur:
        cur.execute(DDL)
        cur.copy_expert('COPY incoming FROM STDIN WITH CSV', buffer)
        cur.execute(UPSERT)
    conn.close()
