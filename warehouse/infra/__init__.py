"""The outside world behind small functions: one file or folder per service."""
