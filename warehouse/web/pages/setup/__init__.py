"""The first-start link, which makes its first visitor the administrator."""
