"""The calendar: questions about it, and orders for one of its own."""
