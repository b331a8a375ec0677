"""Indexes of passages: by words, and by vectors."""
