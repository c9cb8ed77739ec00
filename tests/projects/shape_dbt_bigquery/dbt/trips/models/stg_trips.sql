{{ config(materialized='view') }}
select trip_id, timestamp_trunc(started_at, day) as started_on, zone_id, fare
from {{ source('raw', 'trips') }}
