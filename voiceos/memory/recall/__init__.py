"""From a question to the passages that may answer it, and what the prompt is given of them."""
