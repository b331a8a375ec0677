"""From frames to utterances."""
