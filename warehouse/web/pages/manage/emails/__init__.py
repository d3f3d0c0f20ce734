"""The addresses of one's own account."""
