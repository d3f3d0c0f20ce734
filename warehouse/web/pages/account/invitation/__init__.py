"""Opening an account with an invitation."""
