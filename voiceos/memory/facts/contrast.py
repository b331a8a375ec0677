"""The other half of a sentence that says its verb once: "not to walnuts, it's hazelnuts", "… and Ben to eggs"."""

from collections.abc import Iterator
from dataclasses import replace

from voiceos.language import terms
from voiceos.memory.facts.fact import Claim
from voiceos.memory.facts.patterns import fits
from voiceos.memory.facts.statements import Sentence, sentences
from voiceos.memory.facts.subjects import Context, Subject, subject
from voiceos.memory.facts.vocabulary import is_relation, is_single, predicate, shape, words

LONGEST_PART = 4
"""Words that put right a part of a line."""


def contrasted(sentence: Sentence, claim: Claim, lead: str) -> Iterator[Claim]:
    """The claims of the opposite sign that follow one in its sentence, about the same subject and predicate.

    `lead`: how the sentence begins; only of one that puts something right is "it" the object.
    """
    if claim.positive and is_single(claim.predicate):
        return  # that it is nothing else goes without saying
    single = is_single(claim.predicate)
    name = "but_not" if claim.positive else "rather" if single or shape("repairing").search(lead) else "but"
    if not (match := shape(name).match(sentence.norm, sentence.end_of(claim.end))):
        return
    at, end = match.span("o")
    kind = predicate(claim.predicate).get("object", "")
    if single and not kind:
        kind = "person" if is_relation(claim.predicate) else "value"
    for gap in [*shape("between").finditer(sentence.norm, at, end), None]:
        until = gap.start() if gap else end
        if shed := shape("shed").match(sentence.norm, at, until):
            at = shed.end()
        text = sentence.words(at, until)
        if kind and at < until and fits(kind, sentence.norm[at:until], text, cased=sentence.cased):
            stop = sentence.span(at, until)[1]
            yield replace(claim, object=text, end=stop, positive=not claim.positive, withdraws=False)
        at = gap.end() if gap else end


def of_another(sentence: Sentence, begin: int, end: int, before: int) -> tuple[Subject, int] | None:
    """Of whom a part of a list is, if not of whom the list is, and where its own thing begins: "Ben to eggs".

    `begin`, `end`, `before`: places in `sentence.norm`, the last one where the list begins.
    """
    link = sentence.norm[:before].split()[-1:]
    who = subject(sentence, sentence.index(begin), Context())
    if not who or who.next >= len(sentence.tokens) or [sentence.tokens[who.next].norm] != link:
        return None
    at = sentence.starts[who.next] + len(link[0]) + 1
    return (who, at) if begin < at < end else None


def stands_in(part: str, line: str) -> bool:
    """Whether bare words can take the place of as many in a line that begin alike: "level 4", for "level 3"."""
    said, there = terms.words(part), terms.words(line)
    if not 2 <= len(said) <= LONGEST_PART or (said[0] in words("function") and said[0] not in words("placing")):
        return False
    count = len(said)
    return any(there[at] == said[0] and there[at : at + count] != said for at in range(1, len(there) - count + 1))


def spelt_out(before: str, part: str) -> str:
    """A part of a sentence that leaves out what stood before it, as a sentence of its own; empty: it cannot be told.

    After "Anna is allergic to nuts" "Ben to eggs" is "Ben is allergic to eggs".
    """
    first, second = sentences(before)[0], next(iter(sentences(part)), None)
    one, other = subject(first, 0, Context()), subject(second, 0, Context()) if second else None
    if not one or not second or not other or one.next >= len(first.tokens) or other.next >= len(second.tokens):
        return ""
    link = second.tokens[other.next]
    again = next((token for token in first.tokens[one.next + 1 :] if token.norm == link.norm), None)
    verb = first.text[first.tokens[one.next].start : again.start] if again else ""
    return f"{part[: link.start]}{verb}{part[link.start :]}" if verb else ""
