{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partition_by={'field': 'day', 'data_type': 'date'},
    cluster_by='events',
) }}

select day, count(*) as events
from {{ ref('events') }}
{% if is_incremental() %}
where day >= _dbt_max_partition
{% endif %}
group by day
