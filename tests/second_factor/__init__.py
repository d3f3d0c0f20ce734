"""Signing in with more than a password: codes of an app, security keys, recovery codes."""
