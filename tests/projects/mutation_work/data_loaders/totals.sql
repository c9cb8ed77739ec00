CREATE TABLE totals AS
SELECT zone, SUM(fare) AS fare
FROM (VALUES ('north', 5), ('north', 0), ('south', 7)) AS trips (zone, fare)
WHERE fare > 0
GROUP BY zone;
SELECT * FROM totals;
