"""The way to the terms of service."""
