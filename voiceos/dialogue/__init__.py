"""The spoken conversation: who speaks, one answer at a time, and its sound."""
