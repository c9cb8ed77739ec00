{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='id',
    partition_by={'field': 'happened_at', 'data_type': 'timestamp', 'granularity': 'day'},
) }}

select events.id, customers.name, events.happened_at, events.status, large.amount as large_amount
from {{ ref('events') }} as events
left join {{ ref('customers') }} as customers on customers.id = events.customer_id
left join {{ ref('large') }} as large on large.id = events.id
{% if is_incremental() %}
where events.happened_at >= (select timestamp_sub(max(happened_at), interval 1 day) from {{ this }})
{% endif %}
