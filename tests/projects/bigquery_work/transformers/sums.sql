CREATE OR REPLACE TABLE marts.sums (month DATE, total INT64)
PARTITION BY month;

INSERT INTO marts.sums
SELECT DATE_TRUNC(day, MONTH), SUM(number) FROM {{ df_1 }} GROUP BY 1;
