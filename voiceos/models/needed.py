"""Which models of the catalogue the settings need, and which they can do without."""

from voiceos.config.settings import Config
from voiceos.models.catalogue import default_language_model, is_path

MEMORY = "memory-en"
"""The encoders of the memory; without them it is searched by words alone."""


def language_model(config: Config, memory_bytes: int | None = None) -> str:
    """The local language model's name or path, with 'auto' resolved by `memory_bytes` (default: this machine's)."""
    if config.mind.model != "auto":
        return config.mind.model
    if memory_bytes is None:
        import psutil

        memory_bytes = psutil.virtual_memory().total
    return default_language_model(memory_bytes)


def needed(config: Config, memory_bytes: int | None = None) -> list[str]:
    """Names of the models that a conversation needs, except those given by path."""
    names = ["silero-vad", config.recognition.model, config.speech.voice, config.listen.turn_end_model]
    if config.wake.mode == "word":
        names += config.wake.words
    if not config.mind.base_url:
        names.append(language_model(config, memory_bytes))
    return [name for name in dict.fromkeys(names) if name and not is_path(name)]


def helpful(config: Config) -> list[str]:
    """Names of the models that improve it but may be absent."""
    return [MEMORY] if config.recognition.language in ("en", "auto") else []
