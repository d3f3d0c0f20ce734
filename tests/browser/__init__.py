"""People with a real browser, at a real index, with real mail."""
