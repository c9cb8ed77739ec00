"""A test-first integration harness for Mage data pipelines."""
