"""How to report a weakness of the index, or malware on it."""
