"""Facts that a language model finds beyond the rules, believed only if the words support them.

The model is asked for a quote, a subject, a predicate from a list, an object and a polarity, in a shape that it cannot
leave. Each answer is then held against the words by rules, and dropped where it fails.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.patterns import fits
from voiceos.memory.facts.statements import Sentence, asks, is_doubtful, joking, sentences
from voiceos.memory.facts.subjects import Context, subject
from voiceos.memory.facts.vocabulary import is_relation, key, predicate, relation, same, section, shape, words
from voiceos.memory.facts.when import dates


class Extractor(Protocol):
    """A language model that answers in a given shape."""

    async def __call__(self, text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a prompt, as an object of that JSON schema. Raises VoiceosError."""
        ...


def schema() -> Mapping[str, Any]:
    """The shape of an answer."""
    known = [name for name, about in section("predicates").items() if "cue" in about]
    strings = {"quote": 160, "subject": 40, "object": 80}
    fact = {
        **{name: {"type": "string", "maxLength": most} for name, most in strings.items()},
        "predicate": {"enum": [*known, *section("model")["relations"].split()]},
        "negated": {"type": "boolean"},
    }
    facts = {"type": "array", "maxItems": 4, "items": _object(fact)}
    return _object({"facts": facts})


def _object(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def prompt_for(text: str) -> str:
    """What the model is asked about these words."""
    return section("model")["prompt"].replace("WORDS", " ".join(text.split()))


def worth_asking(text: str) -> bool:
    """Whether a turn may hold facts at all: the model's time is expensive."""
    if not len(text.split()) >= 4 or len(text) > 1500:
        return False
    said = sentences(text)
    return not joking(said) and any(
        not asks(sentence)
        and not is_doubtful(sentence, len(sentence.norm), len(sentence.norm))
        and shape("first_person").search(sentence.norm)
        for sentence in said
    )


def verified(
    text: str, said: datetime, answer: Mapping[str, Any], context: Context, known: Sequence[Claim | Fact] = ()
) -> Iterator[Claim]:
    """What the words, spoken at `said`, bear out of a model's answer, and is not `known` already."""
    items = answer.get("facts")
    for item in items if isinstance(items, list) else []:
        values: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
        claim = _borne_out(text, values, context, said)
        if claim and not any(_told_already(claim, other) for other in known):
            known = [*known, claim]
            yield claim


def _told_already(claim: Claim, other: Claim | Fact) -> bool:
    if claim.end <= other.start or other.end <= claim.start:
        return (claim.subject, claim.predicate) == (other.subject, other.predicate) and same(claim.object, other.object)
    return same(claim.object, other.object)


def _borne_out(text: str, item: Mapping[str, Any], context: Context, said: datetime) -> Claim | None:
    """The claim, if its words exist, are a statement, and are about this subject, predicate and object."""
    quote, who, name, thing = (str(item.get(part, "")).strip() for part in ("quote", "subject", "predicate", "object"))
    place = find_quote(text, quote)
    found = _sentence_with(text, *place) if place else None
    if found is None:
        return None
    sentence, begin, end = found
    where = _object_in(sentence, begin, end, thing)
    if where is None or is_doubtful(sentence, begin, end) or is_doubtful(sentence, end, end):
        return None
    norm = sentence.norm[begin:end]
    if bool(shape("negation").search(norm)) != bool(item.get("negated")):
        return None
    if shape("over").search(norm) and name != "birthday":
        return None
    kind, even, written = predicate(name).get("object", "name"), sentence.norm[slice(*where)], sentence.words(*where)
    if not _says(name, norm) or not fits(kind, even, written, cased=sentence.cased):
        return None
    if kind == "trait" and shape("towards").match(sentence.norm, where[1]):  # "married to my job"
        return None
    at = sentence.index(where[0])
    subject_of = _subject_before(sentence, at, context) or _only_subject(sentence, begin, end, at, context)
    named = _subject_said(who, name, context)
    if subject_of is None or not named or key(subject_of) != key(named):
        return None
    start, stop = sentence.span(begin, end)
    since = next((when.at for when in dates(norm, said, past=True) if when.bound == "since"), None)
    return Claim(*(subject_of, name, written, start, stop, not item.get("negated"), since), confidence=0.7)


def _says(name: str, norm: str) -> bool:
    """Whether the words that a predicate requires are there."""
    cue = rf"\b{name}\b" if is_relation(name) else predicate(name).get("cue")
    return bool(cue) and re.search(cue, norm) is not None


def _subject_said(who: str, name: str, context: Context) -> str:
    if who.casefold() in words("speaker"):
        return context.speaker
    if is_relation(name):
        return ""  # the rules handle other people's relations
    plain = shape("mine").sub("", who.casefold())
    return relation(plain) if is_relation(plain) else who


def _subject_before(sentence: Sentence, at: int, context: Context) -> str | None:
    """Whom the words before a token are about: the nearest subject. "My car" is the speaker's."""
    found: str | None = None
    place = 0
    while place < at:
        norm = sentence.tokens[place].norm
        who = subject(sentence, place, context)
        if who is not None and who.next <= at:
            found, place = who.who, max(place + 1, who.next)
            continue
        if norm in ("my", "our"):
            found = context.speaker if who is None else who.who
        elif shape("third_person").fullmatch(norm):
            found = None
        place += 1
    return found


def _only_subject(sentence: Sentence, begin: int, end: int, at: int, context: Context) -> str | None:
    """Of words in which the object comes first ("Chess is what I enjoy"): the one person that they name."""
    norm = sentence.norm[begin:end]
    if sentence.index(begin) != at or shape("third_person").search(norm) or not shape("first_person").search(norm):
        return None
    further = range(at + 1, sentence.index(end - 1))
    owned = (place for place in further if sentence.tokens[place].norm in ("my", "our"))
    return None if any(subject(sentence, place, context) for place in owned) else context.speaker


def _object_in(sentence: Sentence, begin: int, end: int, thing: str) -> tuple[int, int] | None:
    """Where an object stands in the quoted words, without an article."""
    norm = " ".join(token.norm for line in sentences(thing) for token in line.tokens)
    norm = shape("owned").sub("", norm)
    if not norm or len(norm.split()) > 7 or norm.split()[0] in words("function"):
        return None
    match = re.search(rf"(?<!\S){re.escape(norm)}(?!\S)", sentence.norm[begin:end])
    return (begin + match.start(), begin + match.end()) if match else None


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in a text word for word; case, punctuation and spaces may differ."""
    parts = re.findall(r"\w+", quote.casefold())
    if not parts:
        return None
    match = re.search(r"\b" + r"\W+".join(map(re.escape, parts)) + r"\b", text, re.IGNORECASE)
    return match.span() if match else None


def _sentence_with(text: str, start: int, end: int) -> tuple[Sentence, int, int] | None:
    """The sentence that holds these characters, and where they stand in its even words."""
    for sentence in sentences(text):
        inside = [place for place, token in enumerate(sentence.tokens) if token.start < end and token.end > start]
        if inside and sentence.tokens[-1].end >= end and sentence.tokens[0].start <= start:
            return sentence, sentence.starts[inside[0]], sentence.end_of(end)
    return None
