"""DDL: each family of statements."""
