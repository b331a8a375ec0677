"""voiceos: your own voice assistant, on one small board."""

import os

__version__ = "0.1.0"

# Stops libraries from phoning home (docs/privacy.md). It is here because they read these variables when they are
# loaded, and no part of voiceos can load one before this line. Variables that are already set are kept.
for _variable in ("ORT_DISABLE_TELEMETRY", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
    os.environ.setdefault(_variable, "1")
