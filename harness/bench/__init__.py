"""What the harness costs on this machine, always beside what it replaces."""
