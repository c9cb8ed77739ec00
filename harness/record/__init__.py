"""From what the recording proxy caught to a cassette that a person can review."""
