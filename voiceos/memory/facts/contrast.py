"""The other half of a contrast: what is said besides of one who is not allergic to walnuts, "it's hazelnuts"."""

from collections.abc import Iterator
from dataclasses import replace

from voiceos.memory.facts.fact import Claim
from voiceos.memory.facts.patterns import fits
from voiceos.memory.facts.statements import Sentence
from voiceos.memory.facts.vocabulary import is_single, predicate, shape


def contrasted(sentence: Sentence, claim: Claim, lead: str) -> Iterator[Claim]:
    """The claims of the opposite sign that follow one in its sentence, about the same subject and predicate.

    `lead`: how the sentence begins; only of one that puts something right is "it" the object.
    """
    if claim.positive and is_single(claim.predicate):
        return  # that it is nothing else goes without saying
    name = "but_not" if claim.positive else "rather" if shape("repairing").search(lead) else "but"
    if not (match := shape(name).match(sentence.norm, sentence.end_of(claim.end))):
        return
    at, end = match.span("o")
    kind = predicate(claim.predicate).get("object", "")
    for gap in [*shape("between").finditer(sentence.norm, at, end), None]:
        until = gap.start() if gap else end
        if shed := shape("shed").match(sentence.norm, at, until):
            at = shed.end()
        text = sentence.words(at, until)
        if kind and at < until and fits(kind, sentence.norm[at:until], text, cased=sentence.cased):
            stop = sentence.span(at, until)[1]
            yield replace(claim, object=text, end=stop, positive=not claim.positive, withdraws=False)
        at = gap.end() if gap else end
