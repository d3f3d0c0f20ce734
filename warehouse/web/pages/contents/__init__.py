"""What is inside a file, and what each of its members says."""
