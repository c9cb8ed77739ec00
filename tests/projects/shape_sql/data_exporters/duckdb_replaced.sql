SELECT a.n * 10 AS n FROM {{ df_1 }} AS a INNER JOIN {{ df_2 }} AS b ON a.n = b.n
