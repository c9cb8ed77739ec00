"""Small changes of block code, each in a run of its own: what does no expectation notice?"""
