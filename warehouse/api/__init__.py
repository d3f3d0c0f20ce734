"""The doors for machines: a request becomes one call, the answer a response."""
