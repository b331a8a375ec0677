"""What a language model finds in the owner's words beyond the rules, believed only where the words bear it out.

The model is asked for a quote, a subject, a predicate from a list, an object and a polarity, in a shape that it cannot
leave. Each answer is then held against the words by rules, and dropped where it fails.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from voiceos.memory.facts.dates import dates
from voiceos.memory.facts.doubt import ASKING, REQUEST, doubt, joking
from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.objects import CHECKS, FUNCTION
from voiceos.memory.facts.predicates import RELATIONS, key, relation, same
from voiceos.memory.facts.statements import Sentence, sentences
from voiceos.memory.facts.subjects import Context, subject


class Extractor(Protocol):
    """A language model that answers in a given shape."""

    async def __call__(self, text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a prompt, as an object of that JSON schema. Raises VoiceosError."""
        ...


WHO = "wife|husband|partner|mother|father|sister|brother|son|daughter|friend|boss|colleague|neighbour|doctor|dog|cat"
CHECKED = {
    "name": "name", "called": "name", "lives in": "place", "works at": "firm", "works as": "job", "attends": "firm",
    "studies": "taste", "birthday": "date", "from": "place", "born in": "place", "speaks": "language",
    "likes": "taste", "eats": "food", "drinks": "food", "allergic to": "food", "has": "thing", "plays": "food",
    "does": "habit", "takes": "food", "is": "trait",
}  # fmt: skip
CUES = {
    "name": "name|called", "called": "call|nickname|go by",
    "lives in": "liv|mov|home|based|settled",
    "works at": "work|job|employ|hired|office", "works as": r"work|job|\bam\b|\bis\b|\bare\b|'s|became|become",
    "attends": "school|university|college|course|nursery|kindergarten|attend|class",
    "studies": "stud|learn|degree|course",
    "birthday": "birthday|born", "from": r"\bfrom\b|grew up", "born in": "born", "speaks": "speak|fluent|language",
    "likes": "lik|lov|enjoy|favourite|fan|hate|into|prefer|dislike|adore|can not stand|keen",
    "eats": r"\beat|diet", "drinks": "drink", "allergic to": "allerg",
    "has": r"\bhave\b|\bhas\b|'s|\bgot\b|\bown|bought|adopted", "plays": "play",
    "does": r"every|each|usually|always|on \w+days",
    "takes": r"\btak|\bon\b", "is": r"\bam\b|\bis\b|\bare\b|'s|became|become",
}  # fmt: skip
NEGATION = re.compile(
    r"\b(?:not|never|no longer|nothing|without|stopped|quit|gave up|given up|hate|hates|can not|neither|"
    r"sold|hardly|barely)\b"
)
PAST = re.compile(
    r"\b(?:used to|was|were|had|did|(?<!have )(?<!has )lived|worked|loved|liked|played|studied|owned|ago|"
    r"formerly|once)\b"
)
PROMPT = """\
Find the lasting facts that a person tells about themselves or about people they know. Use only what the words say.
"subject" is "I" for the speaker, otherwise the person as the words call them. "object" and "quote" are copied from \
the words. Give no facts for questions, wishes, plans that may fail, jokes, or what other people say.

Words: I've been living in Ghent for ages and my aunt Rosa, who is a midwife, lives round the corner.
{{"facts": [{{"quote": "I've been living in Ghent", "subject": "I", "predicate": "lives in", "object": "Ghent", \
"negated": false}}, {{"quote": "my aunt Rosa, who is a midwife", "subject": "Rosa", "predicate": "works as", "object": \
"midwife", "negated": false}}]}}
Words: If I had a boat I would call it Nelly.
{{"facts": []}}
Words: As for fish, I won't touch it, I never eat fish.
{{"facts": [{{"quote": "I never eat fish", "subject": "I", "predicate": "eats", "object": "fish", "negated": true}}]}}
Words: {words}
"""
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {
                    "quote": {"type": "string", "maxLength": 160},
                    "subject": {"type": "string", "maxLength": 40},
                    "predicate": {"enum": [*CHECKED, *WHO.split("|")]},
                    "object": {"type": "string", "maxLength": 80},
                    "negated": {"type": "boolean"},
                },
                "required": ["quote", "subject", "predicate", "object", "negated"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}


def worth_asking(text: str) -> bool:
    """Whether there may be facts in a turn at all: the model's time is dear."""
    if joking(text) or len(text.split()) < 4 or len(text) > 1500:
        return False
    return any(
        not (sentence.asked or ASKING.match(sentence.norm) or REQUEST.match(sentence.norm))
        and not doubt(sentence, len(sentence.norm), len(sentence.norm))
        and re.search(r"\b(?:i|my|we|our|me|us)\b", sentence.norm)
        for sentence in sentences(text)
    )


def prompt_for(text: str) -> str:
    return PROMPT.format(words=" ".join(text.split()))


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
    """The claim, if its words are there, are meant as a statement, and tell of this subject, predicate and object."""
    quote, who, predicate, thing = (
        str(item.get(name, "")).strip() for name in ("quote", "subject", "predicate", "object")
    )
    place = find_quote(text, quote)
    found = _sentence_with(text, *place) if place else None
    if found is None:
        return None
    sentence, begin, end = found
    where = _object_in(sentence, begin, end, thing)
    if where is None or doubt(sentence, begin, end) or doubt(sentence, end, end):
        return None
    norm = sentence.norm[begin:end]
    if bool(NEGATION.search(norm)) != bool(item.get("negated")):
        return None
    if PAST.search(norm) and predicate != "birthday":
        return None
    if not _says(predicate, norm) or not _fits(predicate, sentence, *where):
        return None
    at = sentence.index(where[0])
    subject_of = _subject_before(sentence, at, context) or _only_subject(sentence, begin, end, at, context)
    named = _subject_said(who, predicate, context)
    if subject_of is None or not named or key(subject_of) != key(named):
        return None
    start, stop = sentence.span(begin, end)
    since = next((when.at for when in dates(norm, said, past=True) if when.bound == "since"), None)
    return Claim(
        *(subject_of, predicate, sentence.words(*where), start, stop, not item.get("negated"), since), confidence=0.7
    )


def _says(predicate: str, norm: str) -> bool:
    """Whether words that a predicate cannot do without are there."""
    if predicate in RELATIONS:
        return re.search(rf"\b{predicate}\b", norm) is not None
    return predicate in CUES and re.search(CUES[predicate], norm) is not None


def _fits(predicate: str, sentence: Sentence, begin: int, end: int) -> bool:
    """Whether the object is one of such a predicate."""
    check = CHECKS[CHECKED.get(predicate, "name")]
    if predicate == "is" and re.match(r" (?:to|with|of)\b", sentence.norm[end:]):
        return False
    return check(sentence.norm[begin:end], sentence.words(begin, end), cased=sentence.cased)


def _subject_said(who: str, predicate: str, context: Context) -> str:
    if who.casefold() in ("i", "we", "me", "my", "the speaker", "speaker", "owner"):
        return context.speaker
    if predicate in RELATIONS:
        return ""  # other people's relations are for the rules
    plain = re.sub(r"^(?:my|our) ", "", who.casefold())
    return relation(plain) if plain in RELATIONS else who


def _subject_before(sentence: Sentence, at: int, context: Context) -> str | None:
    """Whom the words before a token are about: the nearest subject. "My car" is the speaker's."""
    found: str | None = None
    place = 0
    while place < at:
        token = sentence.tokens[place]
        who = subject(sentence, place, context) if token.norm != "it" else None
        if who is not None and who.next <= at:
            found, place = who.who, max(place + 1, who.next)
            continue
        if token.norm in ("my", "our"):
            found = context.speaker if who is None else who.who
        elif token.norm in ("he", "she", "they", "you", "his", "her", "their", "your"):
            found = None
        place += 1
    return found


def _only_subject(sentence: Sentence, begin: int, end: int, at: int, context: Context) -> str | None:
    """Of words in which the object comes first ("Chess is what I enjoy"): the one person that they name."""
    if sentence.index(begin) != at:
        return None
    words = {token.norm for token in sentence.tokens[at : sentence.index(end - 1) + 1]}
    others = {"he", "she", "they", "you", "his", "her", "their", "your"} & words
    if others or not {"i", "my", "we", "our", "me"} & words:
        return None
    related = any(subject(sentence, place, context) for place in range(at + 1, sentence.index(end - 1)) if
                  sentence.tokens[place].norm in ("my", "our"))  # fmt: skip
    return None if related else context.speaker


def _object_in(sentence: Sentence, begin: int, end: int, thing: str) -> tuple[int, int] | None:
    """Where an object stands in the quoted words, without an article."""
    words = [word.norm for line in sentences(thing) for word in line.tokens]
    while words and words[0] in ("a", "an", "the", "my", "our", "some"):
        words.pop(0)
    if not words or len(words) > 7 or words[0] in FUNCTION:
        return None
    match = re.search(rf"(?<!\S){re.escape(' '.join(words))}(?!\S)", sentence.norm[begin:end])
    return (begin + match.start(), begin + match.end()) if match else None


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in a text word for word; case, punctuation and spaces may differ."""
    words = re.findall(r"\w+", quote.casefold())
    if not words:
        return None
    match = re.search(r"\b" + r"\W+".join(re.escape(word) for word in words) + r"\b", text, re.IGNORECASE)
    return match.span() if match else None


def _sentence_with(text: str, start: int, end: int) -> tuple[Sentence, int, int] | None:
    """The sentence that holds these characters, and where they stand in its even words."""
    for sentence in sentences(text):
        inside = [place for place, token in enumerate(sentence.tokens) if token.start < end and token.end > start]
        if inside and sentence.tokens[-1].end >= end and sentence.tokens[0].start <= start:
            last = inside[-1]
            return sentence, sentence.starts[inside[0]], sentence.starts[last] + len(sentence.tokens[last].norm)
    return None
