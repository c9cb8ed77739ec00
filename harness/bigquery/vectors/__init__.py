"""Functions that DuckDB lacks, over Arrow vectors; DuckDB learns of each at its first use."""
