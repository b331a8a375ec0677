"""Speech synthesis with Piper, in this process."""

import logging
import re
import unicodedata
from collections.abc import AsyncGenerator, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voiceos.core import FRAME_SECONDS, Frame
from voiceos.engines.worker import Worker, suitable_threads
from voiceos.errors import EngineError, ModelError

log = logging.getLogger(__name__)

LONGEST = 240
"""Characters that are synthesised in one go: the voice's memory and time grow with them."""
QUIET = 10 ** (-42 / 20)
"""Below this a sample of a voice counts as silence (its loudest is 1)."""
LEAD_SECONDS = 0.01
TRAIL_SECONDS = 0.2

# Languages that are not written in Latin letters; other voices would say "Chinese letter, Chinese letter".
_OTHER_SCRIPTS = frozenset(
    "am ar be bg bn cmn el fa gu he hi hy ja ka kk kn ko ky mk ml mr my ne pa ru si sr ta te th uk ur yue zh".split()
)


class Piper:
    """A Piper voice. Loads when it is warmed, or first used."""

    def __init__(self, voice: Path, *, speed: float = 1.0, threads: int = 0, label: str = "") -> None:
        """`voice` is the .onnx file; its settings lie beside it as .onnx.json. `speed` 1: as it was trained.

        Raises ModelError if a file is missing.
        """
        for file in (voice, _settings_of(voice)):
            if not file.is_file():
                raise ModelError(
                    f"The voice file {file} is missing; `voiceos models pull {label or voice.stem}` fetches it."
                )
        self._file = voice
        self._speed = speed
        self._threads = suitable_threads(threads, 2)
        self._label = label or voice.stem
        self._worker = Worker()
        self._loaded: Any = None

    @property
    def name(self) -> str:
        return f"piper-tts {version('piper-tts')} {self._label}"

    @property
    def language(self) -> str:
        """Two letters, as the voice's settings say. Raises ModelError if they are damaged."""
        return str(self._voice().config.espeak_voice).split("-")[0]

    async def warm(self) -> None:
        """Loads the voice and speaks a word into nowhere. Raises ModelError if the files are damaged."""
        await self._worker.run(lambda _: self._sounds(self._start("Ready.")))

    async def synthesize(self, text: str) -> AsyncGenerator[Frame, None]:
        """20 ms frames at the voice's rate, sentence by sentence; the last frame of a sentence may be shorter.

        Text without anything to pronounce makes no sound. Raises ModelError, EngineError.
        """
        for piece in pieces(text):
            sentences = await self._worker.run(lambda _, piece=piece: self._start(piece))
            while sound := await self._worker.run(lambda _, sentences=sentences: self._next(sentences)):
                pcm, rate = sound
                for frame in frames(pcm, rate):
                    yield frame

    def _voice(self) -> Any:
        if self._loaded is None:
            self._loaded = _load(self._file, self._threads, self._label)
        return self._loaded

    def _start(self, text: str) -> Iterator[Any]:
        from piper import SynthesisConfig

        voice = self._voice()
        text = speakable(text, latin=voice.config.espeak_voice.split("-")[0] not in _OTHER_SCRIPTS)
        if not text:
            return iter(())
        return iter(voice.synthesize(text, SynthesisConfig(length_scale=voice.config.length_scale / self._speed)))

    def _next(self, sentences: Iterator[Any]) -> tuple[bytes, int] | None:
        """The next sentence that has a sound."""
        try:
            for chunk in sentences:
                samples = trimmed(chunk.audio_float_array, chunk.sample_rate)
                if len(samples):
                    return (samples * 32767).astype("<i2").tobytes(), chunk.sample_rate
        except Exception as error:
            raise EngineError(f"The voice {self._label} could not speak: {error}") from error
        return None

    def _sounds(self, sentences: Iterator[Any]) -> int:
        count = 0
        while self._next(sentences):
            count += 1
        return count


def pieces(text: str) -> Iterator[str]:
    """The text in parts of at most LONGEST characters, cut after a sentence, else a clause, else a word."""
    rest = re.sub(r"\s+", " ", text).strip()
    while len(rest) > LONGEST:
        window = rest[: LONGEST + 1]
        cuts = [
            max((m.end() for m in re.finditer(mark, window)), default=0) for mark in (r"[.!?…]\s", r"[,;:]\s", r"\s")
        ]
        at = next((cut for cut in cuts if cut > LONGEST // 4), LONGEST)
        if piece := rest[:at].strip():
            yield piece
        rest = rest[at:].strip()
    if rest:
        yield rest


def speakable(text: str, *, latin: bool = True) -> str:
    """The text without what a voice trips over; empty if nothing is left to pronounce.

    Control characters and lone surrogates make espeak raise, and "[[" would begin raw phonemes. A voice for a language
    in Latin letters names the letters of other scripts one by one, so they go, and so do pictures.
    """
    kept = "".join(c if _can_say(c, latin) else " " for c in unicodedata.normalize("NFC", text))
    kept = re.sub(r"\s+", " ", kept.replace("[[", "[").replace("]]", "]")).strip()
    return kept if any(c.isalnum() for c in kept) else ""


def _can_say(char: str, latin: bool) -> bool:
    kind = unicodedata.category(char)
    if kind[0] == "C" or kind == "So":
        return False
    if kind[0] in "LM" and latin and char > "\u024f":
        return unicodedata.name(char, "").startswith(("LATIN", "COMBINING", "MODIFIER"))
    return True


def trimmed(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Without the silence that voices begin with, and with a short one at the end; empty if all is silence."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if not len(loud):
        return samples[:0]
    first = max(0, int(loud[0]) - int(LEAD_SECONDS * rate))
    return samples[first : int(loud[-1]) + 1 + int(TRAIL_SECONDS * rate)]


def frames(pcm: bytes, rate: int) -> Iterator[Frame]:
    """Sound in frames of 20 ms; the last may be shorter."""
    size = round(FRAME_SECONDS * rate) * 2
    for at in range(0, len(pcm), size):
        yield Frame(pcm[at : at + size], rate=rate)


def _settings_of(voice: Path) -> Path:
    return voice.with_name(voice.name + ".json")


def _load(file: Path, threads: int, label: str) -> Any:
    """A PiperVoice with its own session: PiperVoice.load leaves the number of threads to onnxruntime."""
    import json

    import onnxruntime
    from piper import PiperVoice
    from piper.config import PiperConfig

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised, and need not be printed as well
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        config = PiperConfig.from_dict(json.loads(_settings_of(file).read_text("utf-8")))
        session = onnxruntime.InferenceSession(str(file), sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common base but this
        raise ModelError(
            f"The voice {file} is damaged ({type(error).__name__}); `voiceos models pull {label}` fetches it again."
        ) from error
    return PiperVoice(session=session, config=config)
