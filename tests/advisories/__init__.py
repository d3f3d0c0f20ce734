"""What is known to be wrong with releases."""
