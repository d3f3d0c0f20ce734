"""The password, asked for again before something sensitive."""
