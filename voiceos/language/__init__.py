"""Language as data: the words, numbers, times and sentences of each language."""
