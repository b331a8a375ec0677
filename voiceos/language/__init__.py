"""What is said, as data: the words, numbers, times and sentences of each language."""
