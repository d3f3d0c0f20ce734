"""How large the index is."""
