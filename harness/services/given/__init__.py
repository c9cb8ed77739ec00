"""Services that are there already: an address is given, and nothing is started."""
