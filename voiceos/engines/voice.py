"""The voice of the settings: Piper's or Hibari's, as the catalogue says whose it is."""

from voiceos.engines.engine import Setup
from voiceos.models.catalogue import is_path
from voiceos.protocols import TextToSpeech


def make(setup: Setup) -> TextToSpeech:
    """As the settings say; a path is a Piper voice's. Raises ModelError."""
    voice = setup.config.speech.voice
    if not is_path(voice) and setup.shelf.status(voice).model.engine == "hibari":
        from voiceos.engines import hibari

        return hibari.make(setup)
    from voiceos.engines import piper

    return piper.make(setup)
