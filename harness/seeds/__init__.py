"""What the private services hold before a pipeline runs, kept as files below fixtures/seeds/."""
