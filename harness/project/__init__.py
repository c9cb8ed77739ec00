"""A Mage project as data, what `mage run` passes over in silence, and where it can run."""
