"""The page of a project, and of one of its releases."""
