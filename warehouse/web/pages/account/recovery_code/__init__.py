"""Signing in with a recovery code, in place of a lost device."""
