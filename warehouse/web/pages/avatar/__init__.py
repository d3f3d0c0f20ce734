"""The pictures that stand for people."""
