"""What the index is: tables, queries and decisions, one package per noun."""
