"""Tests of the packaging specifications as pure code."""
