"""The link that verifies an address."""
