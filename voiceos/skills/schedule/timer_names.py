"""What timers are called: each of several by its own name, where it has one."""

import re
from collections.abc import Sequence

from voiceos.language.data import pattern, table
from voiceos.language.times import Found
from voiceos.skills.schedule.words import is_name, without

FILE = "skills/timers"


def names_of(text: str, lengths: Sequence[Found], said: str) -> list[str]:
    """The name of the timer of each length. `said`: the text as it was said.

    A name that was told only once is that of them all, unless each timer was spoken of by itself.
    """
    own = [_name(part) for part in _parts(text, lengths)]
    if len([*filter(None, own)]) > 1 or pattern("en", FILE, "said.singly").search(said):
        return own
    return [_name(without(text, lengths))] * len(lengths)


def name_in(words: str) -> str:
    """The name in words that are to be one: "the laundry timer", "laundry"; empty: there is none."""
    bare = words.strip("\"“”' ")
    return _name(table("en", FILE)["said"]["called"].format(name=bare)) or _name(bare)


def _parts(text: str, lengths: Sequence[Found]) -> list[str]:
    """What is said of each length, without it."""
    parts, begin, joint = list[str](), 0, pattern("en", "skills/schedule", "said.joints")
    for number, one in enumerate(lengths, 1):
        end = after = len(text)
        if number < len(lengths):
            end = after = lengths[number].start
            for found in joint.finditer(text, one.end, end):
                end, after = found.span()
        parts.append(f"{text[begin : one.start].rstrip()} {text[one.end : end].lstrip()}".strip(" ,.!?"))
        begin = after
    return parts


def _name(text: str) -> str:
    """What a timer is called, in a request without its times."""
    for one in table("en", FILE)["said"]["names"]:
        if found := re.search(one, text, re.IGNORECASE):
            name = " ".join(pattern("en", FILE, "said.nameless").sub("", found["name"]).split())
            name = pattern("en", FILE, "said.joint").sub("", name).strip(" '-")
            if name and is_name(name):
                return name
    return ""
