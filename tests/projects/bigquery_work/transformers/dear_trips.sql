SELECT id, kind_of_trip, price * 2 AS price
FROM {{ df_1 }}
WHERE price > 2
