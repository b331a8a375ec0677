"""Speech recognition with faster-whisper, in windows as short as the utterance allows."""

import logging
import math
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from voiceos.core import RATE, Speech, Transcript, Word
from voiceos.engines.engine import Setup
from voiceos.engines.whisper_guard import Look, Segment, Verdict, judge, looping, settled, sound_seconds
from voiceos.engines.whisper_model import MARGIN, WHOLE, Samples, WhisperModel
from voiceos.engines.whisper_tokens import finality, hidden_finality, join_words, split_at_timestamps
from voiceos.engines.worker import Call, Worker, suitable_threads
from voiceos.errors import ModelError

words_log = logging.getLogger("voiceos.words")

FILES = ("model.bin", "config.json", "tokenizer.json")
WINDOWS = (8.0, 15.0)
"""Seconds of the first and second pass; a longer utterance has a window of its own length."""
HOTWORD_TOKENS = 100
OTHER_LANGUAGE = 0.5
"""Probability of another language from which doubtful words count as that language, not as poor speech."""
DOUBTFUL = 0.45
"""Mean token probability below which the language is checked too."""
TEMPERATURES = (0.0, 0.4)
READINGS = 8
"""How many readings are compared when one is not enough."""
PHRASE_LEAD = 0.2
"""Seconds of silence before a sound that is compared with a phrase."""


class Whisper:
    """A Whisper model in CTranslate2's format. Loads when it is warmed or first used, never from the network."""

    def __init__(
        self,
        folder: Path,
        *,
        language: str = "en",
        beam: int = 1,
        threads: int = 0,
        label: str = "",
        windows: Sequence[float] = WINDOWS,
    ) -> None:
        """`language`: two letters, or "auto". `threads` 0: as many as suit this machine. `windows`: see WINDOWS.

        Raises ModelError if the folder or one of its files is missing.
        """
        self._label = label or folder.name
        for file in FILES:
            if not (folder / file).is_file():
                raise ModelError(
                    f"The recognition model lacks {folder / file}. Fetch it with `voiceos models pull {self._label}`."
                )
        self._language = language
        self._beam = beam
        # The decoder works token by token, and more threads make it slower. Other work needs the other cores.
        self._model = WhisperModel(folder, language, suitable_threads(threads, 4, share=0.5), self._label)
        self._windows = tuple(windows)
        self._worker = Worker()

    @property
    def name(self) -> str:
        return f"faster-whisper {version('faster-whisper')} {self._label} int8"

    @property
    def looks(self) -> int:
        """How many windows were looked at so far, for benchmarks."""
        return self._model.looks

    async def warm(self) -> None:
        """Loads the model and decodes a second of hum. Raises ModelError, ConfigError."""
        hum = np.sin(np.arange(RATE, dtype=np.float32) * 0.05)
        await self._worker.run(lambda call: self._hear(hum, (), call))

    async def transcribe(self, speech: Speech, hotwords: Sequence[str] = ()) -> Transcript:
        """What was said; an empty text if there are no words in it. Raises ModelError, ConfigError, EngineError."""
        samples = _samples(speech.pcm)
        if not sound_seconds(samples):
            return Transcript("", "" if self._language == "auto" else self._language, 0.0)
        return await self._worker.run(lambda call: self._hear(samples, hotwords, call))

    async def words(self, speech: Speech, text: str) -> list[Word]:
        """The probability of each word of this transcript; cheap right after `transcribe`. Raises as that does.

        Empty for speech of more than 29 s, which is not decoded at once.
        """
        samples = _samples(speech.pcm)
        if not text.strip() or len(samples) / RATE > WHOLE - MARGIN:
            return []
        return await self._worker.run(lambda _: self._sure(samples, text))

    async def readings(self, speech: Speech, hint: str = "") -> list[str]:
        """What may have been said after `hint`, likeliest first; cheap right after `transcribe`. Raises as that does.

        Empty for speech of more than 29 s, and where no language is set.
        """
        samples = _samples(speech.pcm)
        if self._language == "auto" or len(samples) / RATE > WHOLE - MARGIN:
            return []
        return await self._worker.run(lambda _: self._readings(samples, hint))

    async def likelihoods(self, speech: Speech, texts: Sequence[str]) -> list[float]:
        """The mean natural logarithm of a token's probability, for each of some readings. Raises as `transcribe`."""
        samples, tokenizer = _samples(speech.pcm), self._model.tokenizer(self._language)

        def likelihood(text: str) -> float:
            found = self._model.align(samples, tokenizer.encode(" " + text), self._language, self._windows[0])
            return float(np.log(np.maximum(found, 1e-6)).mean())

        return await self._worker.run(lambda _: [likelihood(text) for text in texts])

    def knows(self, word: str) -> bool:
        """Whether a word, as it is written, is so common that it is one token of the model.

        Any thread may ask once the model is warm.
        """
        return len(self._model.tokenizer("en").encode(" " + word)) == 1

    def log_probability(self, pcm: bytes, phrase: str) -> float:
        """The natural logarithm of how likely this sound, 16 kHz s16le, begins with an English phrase.

        Blocks for about 0.06 s. Any thread may call it once the model is warm. Raises EngineError.
        """
        samples = np.pad(_samples(pcm), (round(PHRASE_LEAD * RATE), 0))
        tokens = self._model.tokenizer("en").encode(" " + phrase.title())
        probabilities = self._model.align(samples, tokens, "en", 0.0, margin=0.4)
        return float(np.log(np.maximum(probabilities, 1e-9)).sum())

    def _sure(self, samples: Samples, text: str) -> list[Word]:
        language = "en" if self._language == "auto" else self._language
        tokenizer = self._model.tokenizer(language)
        tokens: list[int] = tokenizer.encode(" " + text.strip())
        found = self._model.align(samples, tokens, language, self._windows[0])
        return join_words([(tokenizer.decode([token]), p) for token, p in zip(tokens, found, strict=False)])

    def _hear(self, samples: Samples, hotwords: Sequence[str], call: Call) -> Transcript:
        with self._model.failing():
            if len(samples) / RATE > WHOLE - MARGIN:
                return self._read(samples, hotwords, self._language, call)
            return self._glance(samples, hotwords, call)

    def _glance(self, samples: Samples, hotwords: Sequence[str], call: Call) -> Transcript:
        """Decodes the shortest window first, and a longer one when in doubt."""
        seconds = sound_seconds(samples)
        language = self._language
        for index, window in enumerate(self._windows):
            call.check()
            encoded = self._model.encode(samples, window)
            call.check()
            if self._language == "auto":
                language, _ = self._model.spoken(encoded)
            look = self._look(encoded, language, hotwords, len(samples) / RATE)
            text = settled(look.segments, seconds)
            verdict = judge(look, text, seconds, first=index + 1 < len(self._windows))
            words_log.debug("%s at %.1f s: %r, strange %.2f", verdict, window, text, look.strangeness)
            confidence = math.exp(look.logprob)
            if (index or confidence < DOUBTFUL) and (other := self._other_language(encoded)):
                return Transcript("", other, 0.0)
            if verdict is not Verdict.AGAIN:
                taken = "" if verdict is Verdict.NOTHING else text
                return Transcript(taken, language, confidence, self._finality(look, taken, samples, language, window))
        return self._read(samples, (), language, call)  # without hotwords, which may be what confuses it

    def _finality(self, look: Look, text: str, samples: Samples, language: str, window: float) -> float:
        """How likely it is that the text is over; 1 where that is not known."""
        if not text or not text.endswith(look.segments[-1].text.strip()):
            return 1.0
        align = partial(self._model.align, samples, language=language, window=window)
        return look.finality or hidden_finality(text, self._model.tokenizer(language), align)

    def _read(self, samples: Samples, hotwords: Sequence[str], language: str, call: Call) -> Transcript:
        """faster-whisper's own way, 30 s at a time: for long speech, and the last resort for doubtful speech."""
        tokenizer = self._model.tokenizer("en" if language == "auto" else language)
        segments, info = self._model.whole.transcribe(
            samples,
            language=None if language == "auto" else language,
            beam_size=self._beam,
            best_of=1,
            temperature=TEMPERATURES,
            condition_on_previous_text=False,
            hotwords=tokenizer.decode(self._hints(hotwords, tokenizer)) or None,
        )
        seconds = sound_seconds(samples)
        texts: list[str] = []
        logprobs: list[float] = []
        for segment in segments:  # a generator: the work is done here
            call.check()
            self._model.looks += 1
            look = Look((Segment(segment.start, segment.text),), segment.avg_logprob, segment.no_speech_prob)
            text = settled(look.segments, seconds)
            if judge(look, text, seconds, first=False) is Verdict.TAKE and text not in texts[-1:]:
                texts.append(text)
                logprobs.append(segment.avg_logprob)
        return Transcript(" ".join(texts), info.language, math.exp(np.mean(logprobs)) if texts else 0.0)

    def _other_language(self, encoded: Any) -> str:
        """The spoken language if it is certainly not the one that is set, else an empty text."""
        if self._language == "auto":
            return ""
        found, probability = self._model.spoken(encoded)
        return found if found != self._language and probability >= OTHER_LANGUAGE else ""

    def _look(self, encoded: Any, language: str, hotwords: Sequence[str], seconds: float) -> Look:
        tokenizer = self._model.tokenizer(language)
        prompt = list(tokenizer.sot_sequence)
        if hotwords:
            prompt = [tokenizer.sot_prev, *self._hints(hotwords, tokenizer), *prompt]
        result = self._model.generate(
            encoded,
            prompt,
            seconds,
            beam_size=self._beam,
            return_scores=True,
            return_no_speech_prob=True,
            return_logits_vocab=self._beam == 1,  # more beams have none
        )
        ids: list[int] = result.sequences_ids[0]
        logprob = result.scores[0] * len(ids) / (len(ids) + 1)
        logits = [np.asarray(one, np.float32).ravel() for one in result.logits[0]] if self._beam == 1 else []
        return Look(
            *(split_at_timestamps(ids, tokenizer), logprob, result.no_speech_prob), finality(ids, logits, tokenizer)
        )

    def _readings(self, samples: Samples, hint: str) -> list[str]:
        tokenizer = self._model.tokenizer(self._language)
        prompt = list(tokenizer.sot_sequence)
        if hint:
            prompt = [tokenizer.sot_prev, *tokenizer.encode(" " + hint)[:HOTWORD_TOKENS], *prompt]
        with self._model.failing():
            encoded = self._model.encode(samples, self._windows[0])
            result = self._model.generate(
                encoded, prompt, len(samples) / RATE, beam_size=READINGS, num_hypotheses=READINGS
            )
        seconds = sound_seconds(samples)
        texts = [settled(split_at_timestamps(ids, tokenizer), seconds) for ids in result.sequences_ids]
        return [text for text in dict.fromkeys(texts) if text and not looping(text)]

    def _hints(self, hotwords: Sequence[str], tokenizer: Any) -> list[int]:
        """The hotwords as tokens of an apparent earlier text, so few that they leave room for what is said."""
        text = ", ".join(dict.fromkeys(word.strip() for word in hotwords if word.strip()))
        return tokenizer.encode(" " + text)[:HOTWORD_TOKENS] if text else []


def _samples(pcm: bytes) -> Samples:
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)


def make(setup: Setup) -> Whisper:
    """As the settings say."""
    heard = setup.config.recognition
    folder = setup.shelf.resolve(heard.model)
    return Whisper(folder, language=heard.language, beam=heard.beam, threads=heard.threads, label=heard.model)
