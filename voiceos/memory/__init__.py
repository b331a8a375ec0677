"""What is kept of the life with the owner."""
