{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by={'field': 'day', 'data_type': 'date'},
    partitions=["date '2021-02-01'", "date '2021-02-02'"],
) }}

select day, count(*) as events
from {{ ref('events') }}
{% if is_incremental() %}
where day in (date '2021-02-01', date '2021-02-02')
{% endif %}
group by day
