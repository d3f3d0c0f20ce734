"""What scripts and dashboards read: the JSON API."""
