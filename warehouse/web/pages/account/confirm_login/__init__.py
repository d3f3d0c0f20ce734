"""Confirming by mail that it is oneself who signs in from an unknown network address."""
