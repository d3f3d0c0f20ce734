"""The second step of signing in: a code of an app, or a security key."""
