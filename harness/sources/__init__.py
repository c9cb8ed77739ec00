"""What a pipeline reads from PostgreSQL, Cloud Storage and BigQuery, kept as seeds."""
