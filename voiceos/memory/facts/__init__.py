"""What holds of whom, and since when: found in the words of records, and citing them."""
