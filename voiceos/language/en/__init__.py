"""English: its data, and the little of its grammar that data cannot tell."""
