"""Resetting a forgotten password by mail."""
