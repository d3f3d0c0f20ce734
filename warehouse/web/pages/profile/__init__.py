"""A person, as others see them."""
