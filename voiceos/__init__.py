"""voiceos: a voice assistant of one's own, on one small board."""

__version__ = "0.1.0"
