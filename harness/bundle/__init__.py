"""One archive of a run that failed, with all that it takes to run it again elsewhere."""
