"""The processes of a running index and what watches over them."""
