"""What this index is and how to use it."""
