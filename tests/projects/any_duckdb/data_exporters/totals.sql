SELECT count(*) AS trips, sum(n) AS total FROM {{ df_1 }}
