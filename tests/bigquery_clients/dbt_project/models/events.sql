{{ config(materialized='view') }}

select id, customer_id, happened_at, date(happened_at) as day, status, amount
from {{ source('raw', 'events') }}
