"""Services in containers, on a network of their own."""
