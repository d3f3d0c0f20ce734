"""Images that descriptions show from elsewhere."""
