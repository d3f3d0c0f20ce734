"""What machines of others tell this index."""
