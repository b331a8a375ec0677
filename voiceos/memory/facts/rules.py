"""Finds the facts in what somebody said, by rules. No model is asked, and what is doubtful is left alone.

A sentence is looked at from each place where a statement may begin: whom it is about (`subjects`), what is said of
them (`patterns`, `attributes`), whether its object looks like one (`objects`), since when (`dates`), and whether it is
meant at all (`doubt`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from voiceos.memory.facts import attributes
from voiceos.memory.facts.dates import When, dates
from voiceos.memory.facts.doubt import doubt, joking
from voiceos.memory.facts.fact import Claim, Fact
from voiceos.memory.facts.lookup import of_records, people
from voiceos.memory.facts.objects import CHECKS, GAMES, PEOPLE
from voiceos.memory.facts.patterns import PATTERNS, Pattern
from voiceos.memory.facts.predicates import PETS, RELATIONS
from voiceos.memory.facts.statements import Sentence, sentences
from voiceos.memory.facts.subjects import Context, Subject, agrees, subject
from voiceos.store.database import Connection
from voiceos.store.records import OWNER, Kind
from voiceos.store.rows import Kept

LEAD = re.compile(
    r"(?:(?:hi|hello|hey|there|well|so|okay|oh|yes|yeah|no|sorry|anyway|right|guess what|by the way|you know what|"
    r"you know|actually|honestly|basically|finally|also|recently|currently|"
    r"i mean|fun fact|in fact|please|do not forget that|note that|for the record|so you know|to be clear|and|but|then|"
    r"before that|before|now|unfortunately|luckily|sadly|great news|good news|bad news|news|nova|"
    r"remember that|remember|"
    r"did you know that|i have to tell you|i wanted to tell you|i want you to know that|you should know that|"
    r"(?:no )?that is (?:wrong|not right|not true)|wrong|it (?:is|'s) not true that|,) )+"
)
FALSE = re.compile(r"\bit (?:is|'s) not true that $")
TOGETHER = {"works at": "works as", "born in": "birthday"}
"""What one statement may tell both of: "a nurse at Saint Joseph", "born in Oldenburg in 1984"."""
AGAIN = frozenset(", : - and but because so then now also today yesterday anyway since way mean".split())
REPAIR = re.compile(r" (?:no )?(?:, )?(?:sorry|i mean|i meant|no wait|or rather|wait no)(?: ,)? ")
PAST = re.compile(r"(?:was|were|started|died|turned|went|(?:have|has) (?:been|had|started|lived|worked|\w+ed))\b")
LATE = frozenset("months weeks".split())
TALK_MINUTES = 30
"""How long "she" may mean whom the last facts were about."""


def find_in(db: Connection, kept: Kept) -> list[Claim]:
    """The facts in one record, knowing who is who and what was said just before it."""
    record = kept.record
    if record.kind is Kind.REPLY or not record.text.strip():
        return []
    context, last = context_of(db, kept)
    return find(record.text, record.at or kept.learnt_at, context, last)


def context_of(db: Connection, kept: Kept) -> tuple[Context, Fact | None]:
    """Who is known when something is said, and the last fact of the same talk."""
    known, last = people(db), before(db, kept)
    return Context(
        names={fact.object.casefold(): fact.object for fact in known if " " not in fact.object},
        person=person_of(last) if last else "",
        speaker=kept.record.author or OWNER,
        roles={fact.object.casefold(): fact.predicate for fact in known},
    ), last


def before(db: Connection, kept: Kept) -> Fact | None:
    """The last fact of the same talk."""
    if not kept.record.thread or kept.record.at is None:
        return None
    row = db.execute(
        "SELECT f.record_id FROM fact f JOIN record r ON r.id = f.record_id WHERE r.thread = ? AND r.author = ?"
        " AND r.id <> ? AND f.said_at <= ? AND f.said_at > ? ORDER BY f.said_at DESC, f.id DESC LIMIT 1",
        (kept.record.thread, kept.record.author, kept.id, kept.record.at.timestamp(),
         (kept.record.at - timedelta(minutes=TALK_MINUTES)).timestamp()),
    ).fetchone()  # fmt: skip
    return of_records(db, [row[0]])[-1] if row else None


def person_of(fact: Fact | Claim) -> str:
    """Whom a fact was about, other than the speaker."""
    if fact.predicate in RELATIONS and fact.subject == OWNER:
        return fact.object
    if fact.predicate == "has" and fact.object.split()[-1] in PETS:
        return fact.object.split()[-1]
    return "" if fact.subject == OWNER else fact.subject


def find(text: str, said: datetime, context: Context | None = None, last: Fact | Claim | None = None) -> list[Claim]:
    """The facts in what was said at `said`. `last`: what was said just before, that a repair may be about."""
    context = context or Context()
    found: list[Claim] = []
    if joking(text):
        return found
    for sentence in sentences(text):
        for claim in _in_sentence(sentence, said, context, found[-1] if found else last):
            twin = next((old for old in found if _twins(old, claim)), None)
            if twin:
                found.remove(twin)
            found.append(claim)
            context.person = person_of(claim) or context.person
    return found


def _twins(old: Claim, new: Claim) -> bool:
    """Said again within one turn."""
    return (old.subject, old.predicate, old.object.casefold()) == (new.subject, new.predicate, new.object.casefold())


def _in_sentence(sentence: Sentence, said: datetime, context: Context, last: Fact | Claim | None) -> Iterator[Claim]:
    lead = LEAD.match(f"{sentence.norm} ")
    begin = lead.end() if lead else 0
    told = bool(lead and "remember" in lead[0]) or sentence.norm.endswith("remember that")
    false = bool(lead and FALSE.search(lead[0]))
    wrong = bool(lead and re.search(r"\b(?:wrong|not right)\b", lead[0]))
    if last and (repaired := attributes.repair(sentence, lead[0] if lead else "", last)):
        yield repaired
        return
    done = -1
    claims: list[Claim] = []
    for at in _beginnings(sentence, begin, said):
        if at < done:
            continue
        for claim, end in _statements(sentence, at, said, context, told=told):
            context.person = person_of(claim) or context.person  # talked about, if not believed
            place = sentence.starts[at]
            if doubt(sentence, place, end, begin):
                continue
            done = max(done, sentence.index(end))
            repaired = "i mean" in sentence.norm[:place]
            if repaired:
                claims = [old for old in claims if old.predicate != claim.predicate]
            claim = replace(claim, told=told or claim.told, amends=wrong or claim.amends)
            if false:
                claim = replace(claim, positive=False, withdraws=True)
            claims.append(claim)
    if (
        told
        and not claims
        and not sentence.asked
        and lead
        and "remember that" in lead[0]
        and (noted := attributes.noted(sentence, begin))
    ):
        claims.append(noted)
    yield from claims


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
        if sentence.tokens[at - 1].norm in AGAIN or (
            sentence.tokens[at].norm in ("her", "his", "my", "she", "he") and sentence.tokens[at - 1].norm in LATE
        ):
            yield at


def _statements(
    sentence: Sentence, at: int, said: datetime, context: Context, *, told: bool
) -> Iterator[tuple[Claim, int]]:
    """What is stated from a token on, and where in `norm` each ends."""
    special = attributes.special(sentence, at, said, context, told=told)
    if special:
        yield special
        return
    who = subject(sentence, at, context)
    if who is None or who.next >= len(sentence.tokens):
        return
    if who.name and who.relation:
        _, end = who.name
        start, stop = sentence.tokens[at].start, sentence.tokens[end - 1].end
        yield (
            Claim(who.whose, who.relation, who.who, start, stop, confidence=_trust(sentence, who)),
            sentence.starts[end - 1],
        )
    following = who.next
    if sentence.tokens[following].norm in ("he", "she", "they", ",") and sentence.tokens[at].norm not in ("he", "she"):
        following += 1
    rest = sentence.rest(following)
    if not rest.tokens or not agrees(who, rest.tokens[0].norm, context.speaker):
        return
    stated = attributes.stated(sentence, at, rest, who, context)
    for claim in stated or _patterns(sentence, at, rest, who, said):
        end = next((t for t, token in enumerate(sentence.tokens) if token.end >= claim.end), len(sentence.tokens) - 1)
        yield claim, sentence.starts[end] + len(sentence.tokens[end].norm)


def _patterns(sentence: Sentence, at: int, rest: Sentence, who: Subject, said: datetime) -> list[Claim]:
    found: list[Claim] = []
    for pattern in PATTERNS:
        if found and pattern.predicate != TOGETHER.get(found[0].predicate):
            continue
        match = pattern.shape.match(rest.norm)
        if match and (claims := _claims(pattern, match, sentence, at, rest, who, said)):
            found += claims
            if len(found) > len(claims) or claims[0].predicate not in TOGETHER:
                break
    return found


def _claims(
    pattern: Pattern, match: re.Match[str], sentence: Sentence, at: int, rest: Sentence, who: Subject, said: datetime
) -> list[Claim]:
    past = pattern.tense in ("past", "event") or bool(PAST.match(rest.norm))
    whens = list(dates(rest.norm, said, past=past)) or [
        when for when in dates(sentence.norm[: sentence.starts[at]], said, past=past) if when.bound != "until"
    ]
    begin, end = match.span("o")
    in_rest = [when for when in whens if begin < when.start < end] if pattern.check != "date" else []
    if in_rest:
        end = in_rest[0].start
    if pattern.check == "date-near" and not whens:
        return []
    if pattern.tense == "future" and not whens:
        return []
    claims: list[Claim] = []
    for first, last in _parts(rest, begin, end, several=pattern.several):
        first, last = _shorter(pattern, rest, first, last)
        norm, words = rest.norm[first:last].strip(), rest.words(first, last)
        if not norm or (pattern.check and not CHECKS[pattern.check](norm, words, cased=sentence.cased)):
            continue
        if pattern.check == "trait" and rest.norm[last:].lstrip().startswith("to "):
            continue  # "married to my job"
        positive = pattern.positive and not (match.groupdict().get("n"))
        starts, ends = _bounds(pattern, whens, said, positive=positive)
        claims.append(
            Claim(
                *(who.who, pattern.predicate, words, sentence.tokens[at].start, rest.span(first, last)[1]),
                *(positive, starts, ends, _trust(sentence, who)),
                withdraws=pattern.withdraws or (not positive and "after all" in rest.norm[match.end("o") :]),
            )
        )
    if claims and claims[0].predicate == "name":
        return [attributes.named(claims[0], who)]
    return claims


def _parts(rest: Sentence, begin: int, end: int, *, several: bool) -> Iterator[tuple[int, int]]:
    """Each of a list, or the whole."""
    if not several:
        yield begin, end
        return
    at = begin
    for match in re.finditer(r" ?, (?:and |or )?| and | or |$", rest.norm[begin:end]):
        if match.start() + begin > at:
            yield at, begin + match.start()
        at = begin + match.end()


def _shorter(pattern: Pattern, rest: Sentence, begin: int, end: int) -> tuple[int, int]:
    """Without an article, "a little", or the names of the children."""
    words = rest.norm[begin:end]
    opening = re.match(r"(?:a little |a bit of |some |any |an |a |another |my own |the (?=dog|cat))+", words)
    if opening and pattern.predicate != "where":
        begin += opening.end()
        words = rest.norm[begin:end]
    if pattern.check == "thing":
        for match in re.finditer(r"\S+", words):
            if match[0] in PEOPLE:
                return begin, begin + match.end()
    if pattern.check == "game":
        for match in re.finditer(r"\S+", words):
            if match[0] in GAMES and words[match.end() :].startswith(" on "):
                return begin, begin + match.end()
    return begin, end


def _bounds(
    pattern: Pattern, whens: list[When], said: datetime, *, positive: bool
) -> tuple[datetime | None, datetime | None]:
    """From when and until when it holds, as far as the words say."""
    starts = next((when.at for when in whens if when.bound not in ("until", "till", "by")), None)
    ends = next((when.at for when in whens if when.bound in ("until", "till")), None)
    if pattern.tense == "past":
        return starts, ends or said
    if pattern.tense == "event" and positive:
        return starts or said, ends
    if pattern.predicate == "appointment" and starts and positive:
        return starts, starts + timedelta(days=1)
    if pattern.predicate in ("birthday", "died", "born in"):
        return None, None
    return starts, ends


def _trust(sentence: Sentence, who: Subject) -> float:
    return (0.95 if sentence.cased else 0.85) - (0.0 if who.sure else 0.1)
