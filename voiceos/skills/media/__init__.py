"""Radio, music and podcasts."""
