"""From GoogleSQL to DuckDB's SQL: what is not known to be right is refused by its name."""
