"""Finds passages that may answer a question, and decides which of them the prompt gets."""
