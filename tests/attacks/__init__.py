"""What strangers try, and what a token holder with bad intentions tries, against the real parts."""
