"""Facts: what is true of whom, and since when, found in records and citing them."""
