"""Whether something said is a yes or a no."""

from voiceos.language.data import pattern


def yes_or_no(text: str, language: str = "en") -> bool | None:
    """The answer to "Should I?"; None when it is neither."""
    text = text.strip()
    if pattern(language, "politeness", "yes").fullmatch(text):
        return True
    return False if pattern(language, "politeness", "no").fullmatch(text) else None
