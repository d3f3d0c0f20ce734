"""Whom administrators invite."""
