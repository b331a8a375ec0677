"""Checks what a conversation needs, piece by piece: what is there, or what to do about it."""
