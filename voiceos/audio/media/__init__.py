"""Music, radio and podcasts: finding, fetching and decoding what plays."""
