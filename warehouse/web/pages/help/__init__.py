"""Answers to what people ask about the index; other pages and programs link to single ones."""
