{{ config(
    materialized='table',
    partition_by={'field': 'day', 'data_type': 'date'},
    cluster_by=['status'],
    labels={'owner': 'shop'},
    partition_expiration_days=36500,
) }}

select day, status, count(*) as events, sum(amount) as total
from {{ ref('events') }}
group by day, status
