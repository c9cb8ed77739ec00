"""Mage's interpreter with the libraries loaded that Mage loads; each run is a fork of it."""
