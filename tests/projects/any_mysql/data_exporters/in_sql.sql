SELECT id, upper(borough) AS borough FROM {{ df_1 }}
