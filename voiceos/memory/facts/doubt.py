"""What is not meant as a statement of fact: questions, requests, jokes, hypotheses, what others are quoted with."""

import re

from voiceos.memory.facts.statements import Sentence, sentences

JOKE = re.compile(r"\b(?:(?:just|only) (?:kidding|joking)|i am (?:just )?(?:joking|kidding)|no kidding|jk)\b")
ASKING = re.compile(
    r"^(?:okay |well |and |so |but |hey |nova |alexa |google |, )*(?:"
    r"(?:what|where|when|who|whose|why|how|which)\b(?! (?:a|an) )|"
    r"(?:do|does|did|is|are|was|were|am|can|could|will|would|should|shall|may|have|has|had) (?:not )?"
    r"(?:i|you|we|he|she|it|they|my|our|your|the|there|this|that|someone|anyone|"
    r"[a-z]+ (?:allowed|allergic|from|called|a|an|at|in)\b))"
)
REQUEST = re.compile(
    r"^(?:okay |well |please |hey |and |so |nova |google |could you |can you |, )*"
    r"(?:tell|write|translate|play|set|turn|wake|read|"
    r"sing|find|search|show|open|add|order|make|give|explain|spell|say|pretend|imagine|suppose|let us|let me|remind|"
    r"start a|stop the|look up|describe|repeat|ask|send|text)\b"
)
BEFORE = re.compile(
    r"\b(?:if|unless|wish|wishes|imagine|suppose|supposing|pretend|pretending|hope|hoping|dream|dreamt|dreamed|would|could|"
    r"might|maybe|perhaps|probably|possibly|almost|nearly|practically|think|thought|guess|believe|reckon|wonder|doubt|"
    r"said|says|say|told|tells|asked|claims|claimed|sings|sang|song|lyrics|film|movie|book|story|novel|game|character|"
    r"hero|poem|joke|radio|podcast|show|series|someone|somebody|as though|as if|whether|heard|rumour|should|want|wants|"
    r"wanted|planning|thinking|considering|supposed|once upon|when i was|when he was|when she was|oh great|yeah right|"
    r"sure thing|as if)\b"
)
WITHIN = re.compile(
    r"\b(?:would|could|might|maybe|perhaps|possibly|almost|nearly|practically|if|as if|i guess|or something|"
    r"a bit of a|when it comes to|should)\b"
)


def doubt(sentence: Sentence, begin: int, end: int, opening: int = 0) -> str:
    """Why what stands between two places of `sentence.norm` is not to be believed; empty when it may be.

    `opening`: where the sentence begins after "guess what" and the like.
    One word: question, request, joke, hypothesis.
    """
    norm, begin, end = sentence.norm[opening:], begin - opening, end - opening
    if sentence.asked or ASKING.match(norm):
        return "question"
    if REQUEST.match(norm):
        return "request"
    if BEFORE.search(norm[:begin]) or WITHIN.search(norm[begin:end]):
        return "hypothesis"
    if re.match(r" ?,? ?(?:if|unless|i guess|i think|or something|when it comes)\b", norm[end:]):
        return "hypothesis"
    return ""


def joking(text: str) -> bool:
    """Whether the whole is taken back as a joke."""
    return any(JOKE.search(sentence.norm) for sentence in sentences(text))
