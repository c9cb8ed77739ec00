SELECT COUNT(*) AS trips
FROM ny_taxi.yellow_cab_data
