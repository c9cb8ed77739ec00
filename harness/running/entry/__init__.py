"""The ways into Mage by which a pipeline runs: whole, block by block, or by its engine."""
