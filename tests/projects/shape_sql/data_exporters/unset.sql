SELECT * FROM {{ df_1 }}
WHERE '{{ first_day }}' <= '2024'
