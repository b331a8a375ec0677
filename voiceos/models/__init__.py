"""Model files: the catalogue, their sources, and fetching them."""
