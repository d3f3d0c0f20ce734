"""Adding security keys, and taking them away."""
