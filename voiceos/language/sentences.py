"""What the assistant says by itself: the sentences of `replies.toml`, filled in."""

from collections.abc import Iterable, Mapping
from typing import Any

from voiceos.errors import VoiceosError
from voiceos.language.data import table


def say(key: str, language: str = "en", **values: object) -> str:
    """The sentence under a key. A key with several has one for a `count` of 1 and one for more."""
    return _filled(table(language, "replies"), key, values)


def skill_says(key: str, language: str = "en", **values: object) -> str:
    """The same for SKILL.KEY, from the skill's own file."""
    skill, _, key = key.partition(".")
    return _filled(table(language, f"skills/{skill}")["replies"], key, values)


def joined(parts: Iterable[str], last: str = "and", language: str = "en") -> str:
    """One, two and three. `last`: what joins the last: "and", "or" or "nor"."""
    *most, end = [*parts] or [""]
    return say(last, language).join([say("list", language).join(most), end] if most else [end])


def capital(text: str) -> str:
    """As a sentence begins."""
    return text[:1].upper() + text[1:]


def _filled(found: Any, key: str, values: Mapping[str, object]) -> str:
    for part in key.split("."):
        found = found[part]
    if isinstance(found, dict):
        found = found["one" if values["count"] == 1 else "more"]
    return str(found).format(**values)


def apology(error: VoiceosError) -> str:
    """What is said aloud about a failure."""
    sentences = table("en", "replies")["failures"]
    return error.spoken or next(sentences[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in sentences)
