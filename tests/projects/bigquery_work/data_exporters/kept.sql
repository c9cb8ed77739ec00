SELECT {{ number }} AS number, id FROM {{ df_1 }}
