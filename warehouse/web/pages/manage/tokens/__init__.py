"""One's API tokens: the list, a new one, and revoking."""
