"""The private services for work by hand: variables, connection strings, a command among them."""
