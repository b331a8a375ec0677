"""voiceos: a voice assistant of one's own, on one small board."""

import os

__version__ = "0.1.0"

# Libraries that would report to somebody are told not to (docs/privacy.md). This stands here because they read it when
# they are loaded, and no part of voiceos can load one before this line. Whoever sets a variable otherwise is heeded.
for _variable in ("ORT_DISABLE_TELEMETRY", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
    os.environ.setdefault(_variable, "1")
