"""What a pipeline reads and writes, seen in its source without running it."""
