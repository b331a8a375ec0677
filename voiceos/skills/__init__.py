"""What voiceos does by itself, without a language model: one file a skill."""
