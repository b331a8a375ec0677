"""Microphones and speakers behind one protocol."""
