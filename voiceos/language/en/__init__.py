"""English: its data, and the grammar that data cannot express."""
