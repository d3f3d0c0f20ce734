"""Every component that pages are made of, in each of its forms."""
