"""What happened to one's account."""
