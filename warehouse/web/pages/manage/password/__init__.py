"""Changing one's password."""
