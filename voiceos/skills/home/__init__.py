"""The house, through a Home Assistant."""
