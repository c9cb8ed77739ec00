select zone, sum({{ money.cents('fare') }}) as cents from {{ ref('paid') }} group by zone
