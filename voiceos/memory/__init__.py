"""The memory: files read in, indexes, recall and facts."""
