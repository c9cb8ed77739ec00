"""One run of a pipeline: how it is started, ended, read and judged."""
