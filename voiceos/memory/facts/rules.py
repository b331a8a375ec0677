"""Finds facts in what somebody said, by rules. No model is asked, and doubtful statements are skipped.

A sentence is looked at from each place where a statement may begin: whom it is about (`subjects`), what is said of
them and whether its object looks like one (`patterns`), since when (`when`), and whether it is meant at all
(`statements`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.memory.facts.context import context_of, person_of
from voiceos.memory.facts.contrast import contrasted, of_another
from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.patterns import EPOCH, Pattern, fits, patterns
from voiceos.memory.facts.statements import Sentence, asks, is_doubtful, joking, sentences
from voiceos.memory.facts.subjects import Context, Subject, agrees, carried, subject
from voiceos.memory.facts.vocabulary import content, is_relation, relation, shape, words
from voiceos.memory.facts.when import When, dates
from voiceos.store.database import Connection
from voiceos.store.records import OWNER, Kind
from voiceos.store.rows import Kept

QUOTATION_MARKS = '"“”'


def find_in(db: Connection, kept: Kept) -> list[Claim]:
    """The facts in one record, knowing who is who and what was said just before it."""
    record = kept.record
    if record.kind is Kind.REPLY or not record.text.strip():
        return []
    context, last = context_of(db, kept)
    return find(record.text, record.at or kept.learnt_at, context, last)


def find(text: str, said: datetime, context: Context | None = None, last: Fact | Claim | None = None) -> list[Claim]:
    """The facts in what was said at `said`. `last`: what was said just before, that a repair may be about."""
    context = context or Context()
    found: list[Claim] = []
    lines = sentences(text)
    for sentence in () if joking(lines) else lines:
        for claim in _in_sentence(sentence, said, context, found[-1] if found else last):
            found = [old for old in found if _name(old) != _name(claim)]  # said again within one turn
            found.append(claim)
            context.person = person_of(claim) or context.person
    return found


def _name(claim: Claim) -> tuple[str, ...]:
    return (claim.subject, claim.predicate, claim.object.casefold())


def _in_sentence(sentence: Sentence, said: datetime, context: Context, last: Fact | Claim | None) -> list[Claim]:
    leading = shape("lead").match(f"{sentence.norm} ")
    lead = leading[0] if leading else ""
    if last and (repaired := _repair(sentence, lead, last)):
        return [repaired]
    told = "remember" in lead
    claims: list[Claim] = []
    done, begun = -1, None
    for at in _beginnings(sentence, len(lead), said):
        begin = sentence.starts[at]
        who = subject(sentence, at, context) or carried(sentence, at, begun)
        begun = who or begun
        if who and who.sure and not who.relation and who.who.casefold() in context.names:
            context.person = who.who  # "Ann gave up the cello, she plays the trumpet"
        for claim in _statements(sentence, at, who, said, context, told=told) if at >= done else ():
            context.person = person_of(claim) or context.person  # talked about, if not believed
            end = sentence.end_of(claim.end)
            if is_doubtful(sentence, begin, end, len(lead)):
                continue
            done = max(done, sentence.index(end))
            if shape("repaired").search(sentence.norm[:begin]):
                claims = [old for old in claims if old.predicate != claim.predicate]
            claim = replace(claim, told=told, amends=shape("wrong").search(lead) is not None)
            if shape("false").search(lead):
                claim = replace(claim, positive=False, withdraws=True)
            claims += [claim, *contrasted(sentence, claim, lead)]
    claims += _mentioned(sentence, len(lead), context, claims)
    if told and not claims and (note := _noted(sentence, lead)):
        claims.append(note)
    return claims


def _mentioned(sentence: Sentence, opening: int, context: Context, found: Sequence[Claim]) -> Iterator[Claim]:
    """Who is named beside something else: "I live in Leicester with my wife Folake"."""
    if asks(sentence, opening):
        return
    known = {claim.object for claim in found}
    for at, token in enumerate(sentence.tokens):
        who = subject(sentence, at, context) if sentence.cased and token.norm in ("my", "our") else None
        if who and who.name and who.relation and not who.whose.endswith("'s"):
            first, last = sentence.tokens[who.name[0]], sentence.tokens[who.name[1] - 1]
            if sentence.text[first.start : last.end] not in known:
                context.person = who.who
                yield Claim(who.whose, who.relation, who.who, token.start, last.end, confidence=_trust(sentence, who))


def _beginnings(sentence: Sentence, begin: int, said: datetime) -> Iterator[int]:
    """The tokens at which a statement may begin."""
    if begin >= len(sentence.norm):
        return
    first = sentence.index(begin)
    opening = next((when for when in dates(sentence.norm, said, past=False) if when.start == begin), None)
    if opening and opening.end < len(sentence.norm):
        first = sentence.index(opening.end + 1)
    yield first
    for at in range(first + 1, len(sentence.tokens)):
        if sentence.tokens[at - 1].norm in words("again"):
            yield at


def _statements(
    sentence: Sentence, at: int, who: Subject | None, said: datetime, context: Context, *, told: bool
) -> Iterator[Claim]:
    """What is stated from a token on, perhaps of somebody."""
    start, rest = sentence.tokens[at].start, sentence.rest(at)
    for pattern in patterns(whole=True) if rest.tokens else ():
        if (told or not pattern.told) and (match := pattern.says.match(rest.norm)):
            whose = rest.words(*match.span("s")) if "s" in match.groupdict() else context.speaker
            whens = list(dates(rest.norm, said, past=False)) if pattern.object == "dated" else []
            if claims := _claims(pattern, match, start, rest, Subject(whose, at), whens, said):
                yield from claims
                return
    if who is None or who.next >= len(sentence.tokens):
        return
    if who.name and who.relation:
        stop = sentence.tokens[who.name[1] - 1].end
        yield Claim(who.whose, who.relation, who.who, start, stop, confidence=_trust(sentence, who))
    following = who.next
    if sentence.tokens[following].norm in words("pronouns") and sentence.tokens[at].norm not in words("pronouns"):
        following += 1
    rest = sentence.rest(following)
    if not rest.tokens or not agrees(who, rest.tokens[0].norm, context.speaker):
        return
    found = set[str]()
    for pattern in patterns(whole=False):
        if pattern.predicate not in found and (match := pattern.says.match(rest.norm)):
            if pattern.known:
                thing = rest.words(*match.span("from" if match["from"] else "o"))
                if not (as_what := context.known(who.who, thing)):
                    continue
                pattern = replace(pattern, predicate=as_what)
            past = pattern.tense in ("past", "event") or shape("past").match(rest.norm) is not None
            before = sentence.norm[: sentence.starts[at]]
            whens = list(dates(rest.norm, said, past=past)) or [
                when for when in dates(before, said, past=past) if when.bound != "until"
            ]
            for claim in _claims(pattern, match, start, rest, who, whens, said):
                found.add(pattern.predicate)
                yield claim


def _claims(
    pattern: Pattern,
    match: re.Match[str],
    start: int,
    rest: Sentence,
    who: Subject,
    whens: Sequence[When],
    said: datetime,
) -> list[Claim]:
    """What a pattern that fits tells, if its object is one. `start`: where its words begin in the text."""
    if pattern.tense == "future":
        whens = [when for when in whens if when.at.date() > said.date()]
    begin, end = match.span("o")
    groups = {name: " ".join((value or "").split()) for name, value in match.groupdict().items()}
    if not whens and (pattern.object == "dated" or pattern.tense == "future"):
        return []
    if pattern.object == "person" and not who.relation and "p" not in groups:
        return []
    if pattern.object != "day":
        end = min((when.start for when in whens if begin < when.start < end), default=end)
    positive = pattern.positive and not groups.get("n")
    claims: list[Claim] = []
    for first, last in _parts(rest.norm, begin, end, pattern):
        other = of_another(rest, first, last, begin) if pattern.several else None
        who, first = other or (who, first)
        norm, text = rest.norm[first:last].strip(), rest.words(first, last)
        if norm and fits(pattern.object, norm, text, cased=rest.cased):
            _, stop = rest.span(first, max(last, match.end("p") if "p" in groups else last))
            claim = Claim(
                *(who.who, relation(pattern.predicate.format(**groups)), text, start, stop, positive),
                *(*_bounds(pattern, whens, said, positive=positive), _trust(rest, who)),
                withdraws=pattern.withdraws or (not positive and bool(shape("after_all").search(rest.norm, last))),
            )
            if groups.get("from"):
                claims += _left(pattern, match, start, rest, claim)
            claims.append(_named(claim, who) if pattern.predicate == "name" else claim)
    return claims


def _left(pattern: Pattern, match: re.Match[str], start: int, rest: Sentence, claim: Claim) -> Iterator[Claim]:
    """What was so until then: "we moved from Graz to Lyon"."""
    begin, end = match.span("from")
    before = rest.words(begin, end)
    if fits(pattern.object, rest.norm[begin:end], before, cased=rest.cased):
        stop = rest.span(begin, end)[1]
        yield replace(claim, object=before, start=start, end=stop, starts=None, ends=claim.starts)


def _named(claim: Claim, who: Subject) -> Claim:
    """A name as a fact: for the owner's sister it is (owner, sister, Lena)."""
    if who.relation and who.whose == OWNER and not who.name:
        return replace(claim, subject=OWNER, predicate=who.relation)
    if not who.relation and is_relation(who.who):  # "her name is …", after "we have a dog"
        return replace(claim, subject=OWNER, predicate=relation(who.who))
    return claim


def _parts(norm: str, begin: int, end: int, pattern: Pattern) -> Iterator[tuple[int, int]]:
    """Where each of a list stands, or the whole, without an article or "a little"."""
    at = begin
    for gap in [*(shape("between").finditer(norm, begin, end) if pattern.several else ()), None]:
        until = gap.start() if gap else end
        if not pattern.letters and (shed := shape("shed").match(norm, at, until)):
            at = shed.end()
        if until > at:
            yield at, until
        at = gap.end() if gap else end


def _bounds(
    pattern: Pattern, whens: Sequence[When], said: datetime, *, positive: bool
) -> tuple[datetime | None, datetime | None]:
    """From when and until when it holds, as far as the words say."""
    starts = next((when.at for when in whens if when.bound not in ("until", "till", "by")), None)
    ends = next((when.at for when in whens if when.bound in ("until", "till")), None)
    if pattern.object == "day":
        return None, None
    if pattern.tense == "past":
        return starts, ends or said
    if pattern.tense == "event" and positive:
        return starts or said, ends
    if pattern.object == "dated" and starts:
        return starts, starts + timedelta(days=1)
    return starts, ends


def _trust(sentence: Sentence, who: Subject) -> float:
    return (0.95 if sentence.cased else 0.85) - (0.0 if who.sure else 0.1)


def _noted(sentence: Sentence, lead: str) -> Claim | None:
    """ "Remember that …", where no rule knows what it is about: the words themselves."""
    if "remember that" not in lead or sentence.asked or len(sentence.norm[len(lead) :].split()) < 3:
        return None
    start, end = sentence.span(len(lead), len(sentence.norm))
    return Claim(OWNER, "noted", sentence.text[start:end], start, end, confidence=0.8, told=True)


def _repair(sentence: Sentence, lead: str, last: Fact | Claim) -> Claim | None:
    """ "No, sorry, it's the fifth of June": what was said last, put right."""
    if sentence.asked or not shape("repairing").search(f"{lead} {sentence.norm[:6]}"):
        return None
    return _instead(sentence, len(lead), last)


def instead(text: str, words: str, last: Fact | Claim) -> Claim | None:
    """Some words of a text as the new object of a fact, where they can be: "it's Mac"."""
    if any(claim.subject not in (OWNER, last.subject) for claim in find(words, EPOCH)):
        return None  # it is said of somebody else
    offset = text.rfind(words)
    found = [claim for sentence in sentences(words) if (claim := _instead(sentence, 0, last))]
    if offset < 0 or not found:
        return None
    return replace(found[-1], start=found[-1].start + offset, end=found[-1].end + offset)


def _instead(sentence: Sentence, at: int, last: Fact | Claim) -> Claim | None:
    where = shape("instead_where").match(sentence.norm, at) if last.predicate == "where" else None
    if not (match := where or shape("instead").match(sentence.norm, at)):
        return None
    value, old = match["o"], last.object.casefold()
    a_date = shape("date_words").search
    if bool(a_date(value)) != bool(a_date(old)) or abs(len(value.split()) - len(old.split())) > 3:
        return None
    if not where and value.split()[0] in words("function"):
        return None
    if not set(content(last.predicate)).isdisjoint(content(value)):
        return None  # "lives in Bergen" is no place
    begin, end = sentence.span(match.start("o"), match.end("o"))
    if any(sentence.text[begin:end].count(mark) % 2 for mark in QUOTATION_MARKS):
        return None
    return Claim(
        *(last.subject, last.predicate, sentence.text[begin:end], sentence.tokens[0].start, end),
        confidence=0.8,
        amends=True,
    )
