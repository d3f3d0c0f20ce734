"""One's second factors: which there are, and the steps to the first."""
