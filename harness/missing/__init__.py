"""What a pipeline's source asks for and its run has not: all at once, each with its remedy."""
