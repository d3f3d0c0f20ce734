"""What an account without a verified address can do: get one."""
