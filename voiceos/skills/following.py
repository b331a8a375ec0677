"""What follows a question, as the whole question that it means: "and on Friday?", "where is it?", "her birthday?"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voiceos.language.data import pattern, table, words_in
from voiceos.language.questions import opens
from voiceos.language.said_times import said_date
from voiceos.language.terms import words
from voiceos.language.times import Duration, Period, find
from voiceos.skills.grammar import plain
from voiceos.skills.schedule.words import corrected, is_length, tells_time
from voiceos.skills.skill import Asked, Check
from voiceos.skills.slots import without_times

DATA = "following"
PATIENCE = timedelta(minutes=5)
"""How long "it" means what was spoken of last."""
MOST_WORDS = 10
TOLD_LONG = "calendar."
"""What is asked with a story around it."""
LEAST_WORDS = 9
"""Of what may hold a question beside other things."""
_CLAUSE = re.compile(r"[.,;:!?]")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a skill answered last on a device."""

    asked: Asked
    about: str
    """What it was about, in words that name it."""

    @property
    def skill(self) -> str:
        return self.asked.intent.partition(".")[0]


def with_another(text: str, before: Asked, checks: Mapping[str, Check], now: datetime) -> Asked | None:
    """The same question of something else: "and on Friday?", "and Amara's?"."""
    if pattern("en", DATA, "next_day").match(text.strip()):
        return _on_the_next_day(before, now)
    found = pattern("en", DATA, "other").match(text.strip())
    if not (other := found["other"] if found else pattern("en", DATA, "joint").sub("", meant(text), count=1)):
        return None
    of_time = _is_time(other, now)
    fit = [
        (name, value)
        for name, value in before.slots.items()
        if name in checks and of_time == _is_time(value, now) and checks[name](other, now)
    ]
    joint = text[: text.find(other)].lower().split()[-1:]  # "and in feet" is what was "in kilometres"
    for name, value in sorted(fit, key=lambda one: _follows(joint, one[1], before.text), reverse=True):
        if value:
            said = re.sub(re.escape(value), lambda _: other, before.text, count=1, flags=re.IGNORECASE)
            return replace(before, text=said, slots={**before.slots, name: other})
    if of_time and any(checks[name](other, now) for name in checks.keys() - before.slots.keys()):
        return replace(before, text=f"{without_times(before.text, now)} {other}")
    return None


def once_more(text: str) -> bool:
    """ "Another one", after a joke."""
    return pattern("en", DATA, "once_more").match(text) is not None


def meant(text: str) -> str:
    """What is meant instead of what was asked: "no, I meant Lisbon"; empty: it says nothing of the kind."""
    found = pattern("en", DATA, "meant").match(text.replace("’", "'"))
    return found["other"] if found else ""


def _follows(joint: list[str], words: str, text: str) -> bool:
    return f" {' '.join(joint)} {words}".lower() in f" {text}".lower()


def _on_the_next_day(before: Asked, now: datetime) -> Asked | None:
    times = [one.meaning for one in find(before.text, now, lean="future")]
    days = [one.start for one in times if isinstance(one, Period) and one.start]
    if not days:
        return None
    other = said_date(days[0] + timedelta(days=1))
    slots = {name: other if _is_time(value, now) else value for name, value in before.slots.items()}
    return replace(before, text=f"{without_times(before.text, now)} {other}", slots=slots)


def akin(skill: str) -> frozenset[str]:
    """The skills that may answer what follows an answer of this one."""
    return frozenset({skill, *table("en", DATA)["akin"].get(skill, ())})


def _is_time(text: str, now: datetime) -> bool:
    return bool(text) and words_in("en", DATA, "around_time").issuperset(words(without_times(text, now)))


def question_in(text: str, now: datetime) -> Iterator[str]:
    """The question in many words, with the time that was told before it: "… at Easter … is anything on then"."""
    bare = pattern("en", DATA, "reason").sub("", text)
    bare = pattern("en", DATA, "wish").sub("", bare)
    for at in [0, *(one.start() for one in pattern("en", DATA, "question").finditer(bare))]:
        part = bare[at:]
        if any(map(opens, words(_CLAUSE.split(bare[:at])[-1]))):
            continue  # it goes on with one that is asked already: "which cabin do we have …"
        if pattern("en", DATA, "then").search(part):
            times = [bare[one.start : one.end] for one in find(bare[:at], now, lean="future")]
            part = pattern("en", DATA, "then").sub("", part) + " " + " ".join(times[-1:])
        if part != text:
            yield part


def names_last(text: str) -> bool:
    """Whether a word stands for what was spoken of last."""
    return pattern("en", DATA, "stands_for").search(text) is not None


def too(before: str, text: str, now: datetime) -> str:
    """A request with the time that another is wanted for, too: "and on Friday too"; empty: none is told so."""
    found = pattern("en", DATA, "too").fullmatch(text.strip(" ,.!?"))
    other = found["one"] or found["other"] if found else ""
    lengths = [isinstance(one.meaning, Duration) for one in find(before, now, lean="future")]
    if not other or not tells_time(other, now) or any(lengths) is not is_length(other, now):
        return ""
    return corrected(before, other, now)


def of_the_last(text: str, before: Answered) -> Iterator[str]:
    """The sentence with what was spoken of last in the place of the word that stands for it, wherever that is."""
    if before.about and len(words(text)) <= MOST_WORDS:
        said, count = pattern("en", DATA, "stands_for").subn(lambda _: before.about, text.replace("’", "'"), count=1)
        if count:
            yield said


def in_the_same_breath(text: str, skill: str) -> Iterator[str]:
    """The sentences that a text may mean after another request of a skill: "put on six figs" belongs to the list."""
    for short, whole in table("en", DATA)["breath"].get(skill, ()):
        if found := re.fullmatch(short, text.strip(" ,.!?"), re.IGNORECASE):
            yield found.expand(whole)


def spelt_out(text: str, before: Answered) -> Iterator[str]:
    """The sentence with what "it", "she" or nothing stand for."""
    said = text.replace("’", "'").strip(" ,.!?")
    text = plain(said)
    if not text or len(words(text)) > MOST_WORDS or pattern("en", DATA, "never").fullmatch(text):
        return
    for short, whole in table("en", DATA).get(before.skill, ()):
        found = re.fullmatch(short, said, re.IGNORECASE) or re.fullmatch(short, text, re.IGNORECASE)
        if found and (before.about or "{it}" not in whole):
            yield found.expand(whole.replace("{it}", before.about))
    if before.about:
        said = pattern("en", DATA, "whose").sub(lambda _: f"{before.about}'s ", text)
        said = pattern("en", DATA, "who").sub(lambda _: before.about, said)
        if said != text:
            yield said
