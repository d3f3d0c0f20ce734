"""Measures this index beside nginx serving the same bytes, in one run, and prints ratios."""
