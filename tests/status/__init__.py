"""What projects and releases are said to be, and what may be done to them."""
