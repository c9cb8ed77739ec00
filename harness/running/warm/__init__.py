"""Runs that begin with Mage's libraries loaded: forks of a server, as good as cold ones."""
