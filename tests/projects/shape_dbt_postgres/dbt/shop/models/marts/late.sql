select order_id from {{ ref('stg_orders') }} where ordered_on > '2030-01-01'
