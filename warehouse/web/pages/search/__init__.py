"""The search: a page, suggestions while somebody types, and JSON for programs."""
