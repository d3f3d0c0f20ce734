"""Packaging specifications as pure code: no clock, no database, no network."""
