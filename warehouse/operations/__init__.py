"""What can be done to the index: one function per act, the same for every door."""
