"""Facts put as "my … is …": names, birthdays, passwords; and what is asked for: "call me …", "remember …"."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.memory.facts.dates import MONTHS, NUMBERS, ORDINALS, dates
from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.objects import FUNCTION, LANGUAGES, TRAITS, is_job, is_name
from voiceos.memory.facts.predicates import RELATIONS, relation
from voiceos.memory.facts.statements import Sentence
from voiceos.memory.facts.subjects import Context, Subject
from voiceos.store.records import OWNER

IS = r"(?:is|are|'s|was)"
KINDS = (
    r"password|passcode|pin|code|postcode|phone number|mobile number|number|shoe size|size|blood type|blood group|"
    r"licence plate|license plate|number plate|email address|email|address|car|nickname"
)
ATTRIBUTE = re.compile(
    rf"(?P<whose>my|our|the) (?:new |current )?(?:(?P<favourite>favourite \w+(?: \w+)?)|"
    rf"(?P<of>(?:\w+ ){{0,3}}?)(?P<kind>{KINDS})"
    rf"(?: (?:for|of|to) (?:the |my |our )?(?P<for>\w+(?: \w+){{0,2}}))?) {IS} (?P<value>.+)$"
)
NAMING = re.compile(
    r"(?:(?:but )?(?:please )?(?:you can |you could |just )?call me|"
    r"(?:everyone|everybody|people|they|my friends|my family) "
    r"calls? me|i go by(?: the name)?|my nickname is) "
    r"(?P<o>\S+(?: \S+){0,2}?)(?=$| (?:,|please|from|instead|and|now|for|because|too)(?: |$))"
)
NOT_CALLED = frozenset(
    "back later soon again tomorrow tonight when if in at on a an the an idiot maybe crazy stupid old anytime whenever "
    "after before once by today old-fashioned names lazy mad".split()
)
MY_NAME = re.compile(rf"my (?:full |first |last |real )?name {IS} (?P<o>.+)$")
NOT_BUT = re.compile(r"not (?P<no>\S+(?: \S+)?) (?:, )?(?:it|but|she|he)(?: (?:is|'s))? (?P<yes>.+)$")
WHERE = re.compile(
    rf"(?:the|my|our) (?P<thing>\w+(?: \w+){{0,3}}?) {IS} (?:kept |hidden |stored )?"
    r"(?P<o>(?:in|under|on|behind|at|next to|inside|above|below|with) .+)$"
)
CANCELLED = re.compile(
    r"(?:the|my|our) (?P<o>\w+(?: \w+)?) appointment (?:on \w+ )?(?:was|is|has been|got|were|is being) "
    r"(?:cancelled|canceled|called off)"
)
FIXED = re.compile(
    r"(?:the|my|our) (?:next )?(?:appointment (?:with|at) (?:the |my |our )?(?P<o>\w+(?: \w+){0,2}?)|"
    r"(?P<o2>\w+(?: \w+)?) "
    r"appointment) is (?=on|in|at|next|this|tomorrow|today)"
)
MOVED = re.compile(r"(?P<who>\S+(?: \S+)?) is my (?P<rel>[\w ]+?)(?=$| (?:,|and|now)(?: |$))")
CORRECTING = re.compile(
    r"(?:(?:it|he|she|that) (?:is|'s) |i meant? |i mean |but )?(?P<o>(?:the |on the |on )?\S+(?: \S+){0,5})$"
)
STOP = re.compile(r" (?:,|and|but|because|so|now|which|who|since|by the way|i guess|i think|please|too|if|when)(?: |$)")
REPAIR = re.compile(r" (?:, )?(?:no )?(?:sorry|i mean|i meant|no wait|or rather|wait no)(?: ,)?(?: no)? ")
BAD = frozenset(
    "wrong broken not secret too gone dead dirty old lost important difficult hard easy stuck so very".split()
)
DATE_WORDS = re.compile(rf"\d|\b(?:{'|'.join([*MONTHS, *ORDINALS])})\b")


def special(sentence: Sentence, at: int, said: datetime, context: Context, *, told: bool) -> tuple[Claim, int] | None:
    """What a statement of a shape of its own tells, from a token on, and where it ends."""
    begin = sentence.starts[at]
    norm = sentence.norm[begin:]
    who = context.speaker
    if match := NAMING.match(norm):
        words = sentence.words(begin + match.start("o"), begin + match.end("o"))
        first = match["o"].split()[0]
        if first in NOT_CALLED or first in FUNCTION or not is_name(match["o"], words, cased=False):
            return None
        return _claim(sentence, begin, match.span("o"), who, "called"), begin + match.end()
    if match := MY_NAME.match(norm):
        return _name(sentence, begin, match, who)
    if match := CANCELLED.match(norm):
        claim = _claim(sentence, begin, match.span("o"), who, "appointment")
        return replace(claim, positive=False), begin + match.end()
    if match := FIXED.match(norm):
        when = next(iter(dates(norm, said, past=False)), None)
        if when:
            claim = _claim(sentence, begin, match.span("o" if match["o"] else "o2"), who, "appointment")
            return replace(claim, starts=when.at, ends=when.at + timedelta(days=1)), begin + when.end
    if told and (match := WHERE.match(norm)):
        thing = sentence.words(begin + match.start("thing"), begin + match.end("thing"))
        return _claim(sentence, begin, match.span("o"), thing, "where"), begin + match.end()
    if match := ATTRIBUTE.match(norm):
        return _attribute(sentence, begin, match, who)
    if (match := MOVED.match(norm)) and relation(match["rel"]) in RELATIONS:
        name = sentence.words(begin, begin + match.end("who"))
        if is_name(match["who"], name, cased=True):
            claim = _claim(sentence, begin, match.span("who"), who, relation(match["rel"]))
            return replace(claim, end=sentence.span(begin, begin + match.end())[1]), begin + match.end()
    return None


def stated(sentence: Sentence, at: int, rest: Sentence, who: Subject, context: Context) -> list[Claim]:
    """What is said of a person's name, birthday or part: "my wife's name is …", "my dentist is Doctor …"."""
    start = sentence.tokens[at].start
    if match := re.match(rf"(?:'s )?name {IS} (?P<o>.+)$", rest.norm):
        return _person_name(sentence, rest, match, start, who)
    if match := re.match(r"(?:is|'s|are) (?:called|named) (?P<o>.+)$", rest.norm):
        return _person_name(sentence, rest, match, start, who)
    if match := re.match(rf"(?:'s )?birthday {IS} (?:on )?(?P<o>.+)$", rest.norm):
        if DATE_WORDS.search(match["o"]):
            first, last = _value(rest, match, "o", dated=True)
            return [_of(rest, start, first, last, who.who, "birthday")]
        return []
    if who.relation and (match := re.match(rf"{IS} (?P<o>.+)$", rest.norm)):
        first, last = _value(rest, match, "o")
        norm, words = rest.norm[first:last], rest.words(first, last)
        written = sentence.cased or norm.split()[0] in ("doctor", "dr", "mr", "mrs", "ms", "miss")
        plain = norm not in LANGUAGES | TRAITS and not is_job(norm, words, cased=sentence.cased)
        if written and plain and is_name(norm, words, cased=True) and norm.split()[0] not in BAD:
            return [named(_of(rest, start, first, last, who.who, "name"), who)]
    return []


def named(claim: Claim, who: Subject) -> Claim:
    """A name as a fact: of the owner's sister it is (owner, sister, Lena)."""
    if who.relation and who.whose == OWNER and not who.name:
        return replace(claim, subject=OWNER, predicate=who.relation)
    if who.relation == "" and who.who in RELATIONS:  # "her name is …", after "we have a dog"
        return replace(claim, subject=OWNER, predicate=relation(who.who))
    return claim


def noted(sentence: Sentence, begin: int) -> Claim | None:
    """ "Remember that …", where no rule knows what it is about: the words themselves."""
    if len(sentence.norm[begin:].split()) < 3:
        return None
    start, end = sentence.span(begin, len(sentence.norm))
    return Claim(OWNER, "noted", sentence.text[start:end], start, end, confidence=0.8, told=True)


def repair(sentence: Sentence, lead: str, last: Fact | Claim) -> Claim | None:
    """ "No, sorry, it's the fifth of June": what was said last, put right."""
    if not re.search(r"\b(?:no|sorry|wrong|not right|i meant|i mean|actually)\b", f"{lead} {sentence.norm[:6]}"):
        return None
    match = CORRECTING.match(sentence.norm[len(lead) :])
    if not match or sentence.asked:
        return None
    begin = len(lead) + match.start("o")
    value = match["o"].removeprefix("on ")
    begin += len(match["o"]) - len(value)
    if not _like(value, last.object.casefold()) or value.split()[0] in FUNCTION - {"the"}:
        return None
    start, end = sentence.span(begin, len(sentence.norm))
    return Claim(
        *(last.subject, last.predicate, _no_article(sentence.text[start:end]), sentence.tokens[0].start, end),
        confidence=0.8,
        amends=True,
    )


def _like(new: str, old: str) -> bool:
    """Whether a value may stand in another's place: a date for a date, a number for a number."""
    if bool(DATE_WORDS.search(new)) != bool(DATE_WORDS.search(old)):
        return False
    return abs(len(new.split()) - len(old.split())) <= 3


def _no_article(words: str) -> str:
    return re.sub(r"^(?:the|a|an) ", "", words, flags=re.IGNORECASE)


def _name(sentence: Sentence, begin: int, match: re.Match[str], who: str) -> tuple[Claim, int] | None:
    first, last = match.span("o")
    if other := NOT_BUT.match(match["o"]):
        first += other.start("yes")
    text = sentence.norm[begin + first : begin + last]
    if stop := STOP.search(text):
        last = first + stop.start()
    norm, words = sentence.norm[begin + first : begin + last], sentence.words(begin + first, begin + last)
    if not is_name(norm, words, cased=sentence.cased):
        return None
    return _claim(sentence, begin, (first, last), who, "name"), begin + last


def _person_name(sentence: Sentence, rest: Sentence, match: re.Match[str], start: int, who: Subject) -> list[Claim]:
    first, last = _value(rest, match, "o")
    norm, words = rest.norm[first:last], rest.words(first, last)
    if not is_name(norm, words, cased=sentence.cased):
        return []
    return [named(_of(rest, start, first, last, who.who, "name"), who)]


def _attribute(sentence: Sentence, begin: int, match: re.Match[str], who: str) -> tuple[Claim, int] | None:
    kind = match["kind"] or match["favourite"]
    secret = re.search(r"password|passcode|pin|code|plate", kind)
    if match["whose"] == "the" and not secret:
        return None
    predicate = " ".join(f"{match['of'] or ''}{kind}".split())
    if match["for"]:
        predicate = f"{match['for']} {kind}"
    predicate = re.sub(r"^(?:new|old|current|our|my) ", "", predicate)
    first, last = match.span("value")
    value = match["value"]
    if mended := list(REPAIR.finditer(value)):
        first += mended[-1].end()
        value = value[mended[-1].end() :]
    stop = None if kind == "address" else STOP.search(value)
    last = first + stop.start() if stop else last
    value = re.sub(r"^(?:an?|the) ", "", sentence.norm[begin + first : begin + last])
    article = last - first - len(value)
    if not _fits(kind, value, article=bool(re.match("an? ", sentence.norm[begin + first :]))) or (
        predicate.startswith("favourite") and value.split()[0] in FUNCTION
    ):
        return None
    claim = _claim(sentence, begin, (first + article, last), who, predicate)
    return claim, begin + last


def _fits(kind: str, value: str, *, article: bool) -> bool:
    words = value.split()
    if not words or words[0] in BAD or len(words) > 9 or (words[0] in FUNCTION and not words[0].isdigit()):
        return bool(words) and words[0] in NUMBERS and len(words) <= 9
    if kind == "car":
        return article and words[0] not in ("best", "only")
    if kind in ("address",):
        return bool(re.search(r"\d", value)) or any(word in NUMBERS for word in words)
    if re.search(r"number|pin|code|size|plate", kind) and kind != "postcode":
        return bool(re.search(r"\d", value)) or any(word in NUMBERS for word in words)
    return True


def _value(rest: Sentence, match: re.Match[str], group: str, *, dated: bool = False) -> tuple[int, int]:
    """Where a value stands: after a repair in it, without an article, up to where something else begins."""
    first, last = match.span(group)
    if mended := list(REPAIR.finditer(rest.norm[first:last])):
        first += mended[-1].end()
    if stop := STOP.search(rest.norm[first:last]):
        last = first + stop.start()
    if article := re.match(r"(?:the|an?) ", rest.norm[first:last]):
        first += article.end() if dated or article else 0
    return first, last


def _claim(sentence: Sentence, begin: int, place: tuple[int, int], who: str, predicate: str) -> Claim:
    start, _ = sentence.span(begin, begin + 1)
    words = sentence.words(begin + place[0], begin + place[1])
    _, end = sentence.span(begin + place[0], begin + place[1])
    return Claim(who, predicate, words, start, end, confidence=0.95 if sentence.cased else 0.85)


def _of(rest: Sentence, start: int, first: int, last: int, who: str, predicate: str) -> Claim:
    _, end = rest.span(first, last)
    return Claim(who, predicate, rest.words(first, last), start, end, confidence=0.95 if rest.cased else 0.85)
