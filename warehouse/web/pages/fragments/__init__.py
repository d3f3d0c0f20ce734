"""What pages that are the same for everybody leave to a script to ask for."""
