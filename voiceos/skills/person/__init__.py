"""Questions about persons and oneself, answered from what was told."""
