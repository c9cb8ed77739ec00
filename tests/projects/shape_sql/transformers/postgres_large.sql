-- Of {{ df_1 }}, and not of {{ df_7 }}, the large ones
SELECT n /* the {{ number }} */ FROM {{ df_1 }} WHERE n > {{ least }}
