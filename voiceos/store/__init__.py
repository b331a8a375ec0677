"""The store's one file: its records, and opening, saving, rescuing and erasing them."""
