select ordered_on, zones.zone, sum(amount) as amount
from {{ ref('stg_orders') }} as orders
join {{ source('crm', 'customers') }} as customers using (customer_id)
left join {{ ref('zones') }} as zones using (zone_id)
where ordered_on >= '{{ var("since", "2021-01-01") }}'
group by 1, 2
