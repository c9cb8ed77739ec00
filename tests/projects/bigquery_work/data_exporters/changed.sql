MERGE marts.sums AS sums
USING (SELECT DATE '2021-01-01' AS month, 1 AS more) AS new
ON sums.month = new.month
WHEN MATCHED THEN UPDATE SET total = sums.total + new.more;

DELETE FROM marts.sums WHERE month = '2021-02-01';
