"""Names that are one person's with all that begin with them (PEP 752)."""
