"""What a run did and found, for people and for programs."""
