"""Pages for people who are not signed in, or are just signing in or out."""
