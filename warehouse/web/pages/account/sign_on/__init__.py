"""The way to an issuer of single sign-on, and back."""
