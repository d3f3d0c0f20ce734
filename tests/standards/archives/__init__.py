"""Tests of the readers of hostile archives."""
