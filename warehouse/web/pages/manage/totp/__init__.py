"""Setting up an app that shows codes, and taking it away."""
