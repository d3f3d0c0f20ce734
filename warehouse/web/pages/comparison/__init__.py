"""What changed from one release of a project to another."""
