"""What people see of projects, and how they find them."""
