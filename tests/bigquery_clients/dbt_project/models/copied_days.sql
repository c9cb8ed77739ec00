{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by={'field': 'day', 'data_type': 'date', 'copy_partitions': true},
) }}

select day, count(*) as events
from {{ ref('events') }}
{% if is_incremental() %}
where day >= date '2021-02-01'
{% endif %}
group by day
