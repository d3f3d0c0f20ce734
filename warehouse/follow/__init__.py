"""What keeps up with the journal."""
