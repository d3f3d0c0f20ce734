"""Jobs, the schedule and the durable followers, in a process of their own."""
