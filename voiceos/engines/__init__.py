"""One file for each library, behind a protocol of core."""
