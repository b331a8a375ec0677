"""Shopping, to-do and other lists."""
