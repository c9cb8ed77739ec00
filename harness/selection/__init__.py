"""What a pipeline's run depends on, and so which pipelines need not run again."""
