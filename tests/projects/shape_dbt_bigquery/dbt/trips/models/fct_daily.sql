{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by={'field': 'day', 'data_type': 'date'},
    cluster_by=['zone'],
    schema='marts',
) }}
select date(started_on) as day, zone, count(*) as trips, sum(fare) as fare
from {{ ref('stg_trips') }}
join {{ source('mage_trips', 'daily_load_zones') }} using (zone_id)
group by day, zone
