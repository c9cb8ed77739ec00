-- Of {{ df_1 }}, the large ones
SELECT n /* the number */ FROM {{ df_1 }} WHERE n > {{ least }}
