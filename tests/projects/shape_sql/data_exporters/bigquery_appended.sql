SELECT n, '{{ execution_date }}' AS at FROM {{ df_1 }} WHERE '{{ season | default('none') }}' = 'none'
