"""Generating recovery codes, and trying one."""
