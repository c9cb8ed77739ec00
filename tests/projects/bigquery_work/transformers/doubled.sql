SELECT day, number * 2 AS number FROM {{ df_1 }}
