SELECT o.id, z.title, o.fee, r.rate FROM {{ df_1 }} o JOIN {{ df_2 }} z ON z.id = o.place CROSS JOIN shop.rates r
