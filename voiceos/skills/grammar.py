"""Which intent a sentence has: templates of whole sentences, as data, matched by hassil.

Each skill's `language/LANGUAGE/skills/SKILL.toml` has `[sentences]`, a list of templates for each of its intents;
`[lists]`, the words that a slot may have; and `[rules]`, parts of templates. A slot without a list takes any words,
which its check must accept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voiceos.language import joined
from voiceos.language.data import pattern, table
from voiceos.skills.skill import Check, Skill

if TYPE_CHECKING:
    from hassil import RecognizeResult

    from voiceos.skills.templates import Templates

LONGEST = 300
"""Characters; more is a story, not a request."""
MOST_PARSES = 200
LAST = 100
"""Texts whose readings are kept: of several requests in one breath the same parts are looked at again and again."""
TEMPLATE = "template"
_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"[^\s,.;:!?]+")


@dataclass(frozen=True, slots=True)
class Match:
    """What a sentence asks for."""

    intent: str
    slots: Mapping[str, str]
    template: str = ""
    """The sentence that it has, as its file has it."""


def plain(text: str, language: str = "en") -> str:
    """A sentence without what is said only to be polite, and without its end."""
    text = _BLANKS.sub(" ", text).strip()
    around = pattern(language, "politeness", "before"), pattern(language, "politeness", "after")
    before = ""
    while before != text:
        before = text
        for one in around:
            text = one.sub("", text).strip() or text
    return text


class Grammar:
    """The sentences of some skills. Reading them takes a moment, which the first match or `warm` pays."""

    def __init__(self, skills: Sequence[Skill], language: str = "en") -> None:
        self._language = language
        self._checks = {intent.name: intent.slots for skill in skills for intent in skill.intents}
        self._dictates = {intent.name: intent.dictated for skill in skills for intent in skill.intents}
        self._skills = [
            skill for skill in skills if (skill.languages / language / "skills" / f"{skill.name}.toml").exists()
        ]
        self._found = lru_cache(LAST)(self._looked_up)
        self._fit_parts = lru_cache(2)(self._looked_through)

    def warm(self) -> None:
        """Reads the templates."""
        self.match("What time is it?", datetime.min)

    def match(self, text: str, now: datetime) -> Match | None:
        """What the whole of `text` asks for, with every slot checked; of several readings the most literal."""
        return next(self.matches(text, now), None)

    def matches(self, text: str, now: datetime, whole: str = "") -> Iterator[Match]:
        """All readings, the most literal first. `whole`: of what it is a part, between two joints or one and an end."""
        plain = self.plain(text)
        if len(plain) > LONGEST:
            yield from filter(None, [self._dictated(plain, now)])
        elif plain:
            known = whole if text in whole else ""
            yield from (one for one in self._found(plain, known) if self._fits(one.intent, one.slots, now))

    def _looked_up(self, plain: str, whole: str) -> Sequence[Match]:
        """What a text may ask for, the most literal first, with no slot checked."""
        from hassil import recognize_all

        among = self._fit_parts(whole) if whole else None
        found = islice(recognize_all(plain, self.templates.for_text(plain, among)), MOST_PARSES)
        worded = [
            Match(
                one.intent.name,
                {slot.name: _as_said(_words(slot.text or str(slot.value)), plain) for slot in one.entities_list},
                str((one.intent_metadata or {}).get(TEMPLATE, "")),
            )
            for one in sorted(found, key=_in_slots)
        ]
        bare = self.templates.bare if among is not None else ()
        return [*worded, *(Match(intent, {slot: _words(plain)}) for intent, slot in bare)]

    def _looked_through(self, whole: str) -> Sequence[int] | None:
        """The templates that any part of a text may fit, if it has parts."""
        begins, ends = joined.cuts(whole)
        if len(begins) == 1:
            return None
        for begin in [*begins]:
            while found := pattern(self._language, "politeness", "before").match(whole[begin:]):
                begins.add(begin := begin + (found.end() or len(whole)))
        for end in [*ends]:
            while found := pattern(self._language, "politeness", "after").search(whole[:end].rstrip()):
                ends.add(end := found.start())
        return self.templates.for_parts(whole, begins, ends)

    def _dictated(self, text: str, now: datetime) -> Match | None:
        """What a long text asks for, if its end may be of any length."""
        begin = text[:LONGEST].rpartition(" ")[0]
        match = self.match(begin, now)
        slot = self._dictates.get(match.intent, "") if match else ""
        if not match or not slot or not begin.endswith(match.slots.get(slot, begin)):
            return None
        return Match(match.intent, {**match.slots, slot: match.slots[slot] + text[len(begin) :]})

    def plain(self, text: str) -> str:
        return plain(text, self._language)

    def _fits(self, intent: str, slots: Mapping[str, str], now: datetime) -> bool:
        checks: Mapping[str, Check] = self._checks[intent]
        return all(checks[name](words, now) for name, words in slots.items() if name in checks)

    @property
    def templates(self) -> "Templates":
        named = tuple((skill.name, skill.languages) for skill in self._skills)
        return _read(self._language, named, frozenset(self._checks))


@lru_cache(4)
def _read(language: str, skills: Sequence[tuple[str, Path]], wanted: frozenset[str]) -> "Templates":
    """The templates of these skills for the intents that are wanted. Takes a moment."""
    from hassil import Intents

    from voiceos.skills.templates import Templates

    lists, rules, intents = dict[str, Any](), dict[str, str](), dict[str, Any]()
    for name, folder in skills:
        data = table(language, f"skills/{name}", folder)
        named, scoped = data.get("lists", {}), data.get("rules", {})
        lists |= {f"{name}_{key}": {"values": values} for key, values in named.items()}
        rules |= {f"{name}_{key}": _scoped(rule, name, named, scoped) for key, rule in scoped.items()}
        for what, sentences in data["sentences"].items():
            given = [(_scoped(sentence, name, named, scoped), sentence) for sentence in sentences]
            each = [{"sentences": [one], "metadata": {TEMPLATE: sentence}} for one, sentence in given]
            intents[f"{name}.{what}"] = {"data": each}
    known = {key: value for key, value in intents.items() if key in wanted}
    for slot in _slots(known, rules) - lists.keys():
        lists[slot] = {"wildcard": True}
    given = {"language": language, "intents": known, "lists": lists, "expansion_rules": rules}
    return Templates(Intents.from_dict(given))


def _scoped(template: str, skill: str, lists: Mapping[str, Any], rules: Mapping[str, str]) -> str:
    """A template with the skill's own lists and rules, which no other skill's can be taken for."""

    def slot(found: re.Match[str]) -> str:
        name, given = found[1], found[2] or found[1]
        return f"{{{skill}_{name}:{given}}}" if name in lists else f"{{{name}:{given}}}"

    template = _SLOT.sub(slot, template)
    return re.sub(r"<(\w+)>", lambda found: f"<{skill}_{found[1]}>" if found[1] in rules else found[0], template)


def _slots(intents: Mapping[str, Any], rules: Mapping[str, str]) -> set[str]:
    sentences: Iterable[str] = (data["sentences"][0] for one in intents.values() for data in one["data"])
    return {found[1] for text in [*rules.values(), *sentences] for found in _SLOT.finditer(text)}


def _in_slots(result: "RecognizeResult") -> tuple[int, int]:
    """How much of a reading is not in the template: the less, the surer."""
    return sum(len(entity.text) for entity in result.entities_list), len(result.entities_list)


def _words(text: str) -> str:
    return text.strip(" ,.!?")


def _as_said(words: str, sentence: str) -> str:
    """These words with the commas between them, which hassil leaves out."""
    if words in sentence:
        return words
    wanted, said = _WORD.findall(words.lower()), [*_WORD.finditer(sentence)]
    spoken = [one[0].lower() for one in said]
    for at in range(len(said) - len(wanted) + 1 if wanted else 0):
        if spoken[at : at + len(wanted)] == wanted:
            return sentence[said[at].start() : said[at + len(wanted) - 1].end()]
    return words
