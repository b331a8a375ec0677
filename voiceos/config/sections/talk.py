"""Settings of what is heard and spoken."""

from typing import Annotated, Literal

from pydantic import Field

from voiceos.config.setting import Settings, setting


class AudioSettings(Settings):
    """Microphone and speaker."""

    microphone: str = setting("", "Part of the microphone's name, or its index; empty: the system's default.")
    speaker: str = setting("", "Part of the speaker's name, or its index; empty: the system's default.")
    volume: float = setting(1.0, "Volume of everything that is spoken or played.", unit="factor", ge=0.0, le=2.0)
    earcons: bool = setting(True, "Play short sounds for wake, thinking, end and error.")
    echo: Literal["webrtc", "off"] = setting(
        "webrtc", "Echo cancellation: 'webrtc' in process; 'off' when the hardware or the sound server does it."
    )
    lost_after: float = setting(
        1.5, "The microphone counts as lost after this long without sound.", unit="seconds", ge=0.3, le=30
    )


class WakeSettings(Settings):
    """How you call the assistant."""

    mode: Literal["word", "open", "button"] = setting(
        "word", "'word': a wake word; 'open': no wake word needed; 'button': push-to-talk."
    )
    words: tuple[str, ...] = setting(
        ("hey_jarvis", "okay_nabu"),
        "Wake words to listen for: names from `voiceos models list`, or paths of model files.",
    )
    threshold: float = setting(
        0.5, "Confidence needed to wake. 0.5 is each model's recommended value; lower wakes more easily.", gt=0, lt=1
    )
    thresholds: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(
        default_factory=dict[str, float],
        description="Score thresholds for single wake words, by name, instead of the recommended ones.",
    )
    second_stage: bool = setting(True, "Let the recogniser confirm wake words: fewer misses and fewer false alarms.")


class ListenSettings(Settings):
    """When speech counts as begun, paused and finished."""

    speech_threshold: float = setting(0.5, "Silero score that counts as speech.", unit="probability", gt=0, lt=1)
    start_seconds: float = setting(0.1, "Speech needed before it counts as started.", unit="seconds", ge=0.02, le=1)
    barge_in_seconds: float = setting(
        0.18, "Speech needed before it interrupts a reply.", unit="seconds", ge=0.02, le=2
    )
    pause_seconds: float = setting(
        0.08, "Silence after which an answer is prepared, in case the turn is over.", unit="seconds", ge=0.04, le=2
    )
    end_seconds: float = setting(
        0.4, "Silence that ends the turn when the sentence sounds complete.", unit="seconds", ge=0.1, le=5
    )
    silence_seconds: float = setting(
        0.8, "Silence that ends the turn when there is no turn-end model.", unit="seconds", ge=0.1, le=10
    )
    unfinished_seconds: float = setting(
        1.6, "Silence that ends the turn even when the sentence sounds unfinished.", unit="seconds", ge=0.3, le=10
    )
    complete_threshold: float = setting(
        0.5, "Turn-end score from which a sentence sounds complete.", unit="probability", gt=0, lt=1
    )
    turn_end_model: str = setting("smart-turn-v3.2", "Turn-end model; empty: silence alone decides.")
    patience_seconds: float = setting(
        6.0, "How long to wait for speech after the wake word.", unit="seconds", ge=1, le=60
    )
    follow_up_seconds: float = setting(
        8.0, "How long after a reply you may speak without the wake word; 0: never.", unit="seconds", ge=0, le=120
    )
    longest_seconds: float = setting(60.0, "Utterances are cut off after this long.", unit="seconds", ge=5, le=300)


class RecognitionSettings(Settings):
    """Speech recognition."""

    model: str = setting("whisper-base", "Recognition model, from `voiceos models list`, or the path of its folder.")
    language: str = setting("en", "Spoken language, as a two-letter code; 'auto': detected each time.")
    hotwords: tuple[str, ...] = setting((), "Names and words you are likely to say, spelt as you want them.")
    beam: int = setting(1, "Beam size: larger is slower and a little more accurate.", unit="beams", ge=1, le=10)
    threads: int = setting(0, "Threads; 0: as many as suit this machine.", unit="threads", ge=0, le=64)


class SpeechSettings(Settings):
    """The assistant's voice."""

    voice: str = setting("hibari-heart", "Voice from `voiceos models list`, or the path of a Piper voice's .onnx file.")
    speed: float = setting(1.0, "Speaking rate.", unit="factor", ge=0.3, le=3)
    threads: int = setting(0, "Threads; 0: as many as suit this machine.", ge=0, le=64)
