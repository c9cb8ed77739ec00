"""The commit, or the version of Mage or of a library, from which on a pipeline is another."""
