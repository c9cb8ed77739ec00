"""Jobs: their life, and what copy, extract and query jobs do."""
