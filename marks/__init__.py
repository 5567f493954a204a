"""What people handed in, what it is worth, and every change of that."""
