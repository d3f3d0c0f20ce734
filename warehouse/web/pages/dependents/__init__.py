"""The page of those who depend on a project."""
