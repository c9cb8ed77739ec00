SELECT id, price FROM {{ df_1 }}
