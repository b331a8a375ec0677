"""How it thinks: prompt, streaming, failures."""
