"""What keeps a page from being used against its visitor."""
