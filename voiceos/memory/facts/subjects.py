"""Whom a statement is about: me, my sister Lena, Paul's wife, she. People are never mixed up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from voiceos.memory.facts.fact import Fact
from voiceos.memory.facts.statements import Sentence
from voiceos.memory.facts.vocabulary import is_relation, relation, shape, words
from voiceos.store.records import OWNER


def _unknown(subject: str, thing: str) -> str:
    return ""


@dataclass(slots=True)
class Context:
    """What was said just before, and who is known."""

    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Known names in lower case, as they are written."""
    person: str = ""
    """Whom "she" would mean."""
    speaker: str = OWNER
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    """Who people are, by their names in lower case: "lena" is a sister."""
    known: Callable[[str, str], str] = _unknown
    """The predicate by which somebody's thing is known: the owner's Fabia as a car; empty: it is not."""

    @classmethod
    def of(cls, people: Sequence[Fact], *, person: str = "", speaker: str = OWNER) -> "Context":
        """`people`: the facts that say who is who to the owner."""
        names = {fact.object.casefold(): fact.object for fact in people if " " not in fact.object}
        return cls(names, person, speaker, {fact.object.casefold(): fact.predicate for fact in people})


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about, and which token comes next."""

    who: str
    next: int
    relation: str = ""
    """Who it is to the owner or to somebody: (whose, relation, name) is a fact, too, if there is a name."""
    whose: str = ""
    name: tuple[int, int] | None = None
    """Tokens of the name in "my sister Lena"."""
    sure: bool = True


def subject(sentence: Sentence, at: int, context: Context) -> Subject | None:
    """The subject that begins at a token; None where none does."""
    word = sentence.tokens[at].norm
    following = sentence.tokens[at + 1].norm if at + 1 < len(sentence.tokens) else ""
    if word in ("i", "we"):
        return None if word == "i" and following in ("guess", "mean") else Subject(context.speaker, at + 1)
    if word in ("he", "she", "his", "her"):
        if not context.person or _other_gender(word, context):
            return None
        if word in ("he", "she") or following in ("name", "birthday"):
            return Subject(context.person, at + 1, sure=False)
        return _related(sentence, at + 1, context, context.person)
    if word == "my" and following in ("name", "birthday"):
        return Subject(context.speaker, at + 1)
    if word in ("my", "our") or (word == "the" and following in words("at_home")):
        return _related(sentence, at + 1, context, "")
    return _named(sentence, at, context)


def carried(sentence: Sentence, at: int, before: Subject | None) -> Subject | None:
    """Who does what follows "and", where only what is before it tells that: "she sold the Volvo and drives a Skoda".

    `before`: the subject of that; None where it has none, or where somebody else may be meant.
    """
    if not before or before.next >= at or sentence.tokens[at - 1].norm not in words("joining"):
        return None
    between = sentence.norm[sentence.starts[before.next] : sentence.starts[at]]
    verb = sentence.tokens[at].norm
    if shape("of_others").search(between) or (shape("bare_verb").search(between) and not shape("third").match(verb)):
        return None
    return replace(before, next=at, name=None, sure=False)


def agrees(who: Subject, verb: str, speaker: str) -> bool:
    """Whether the verb that follows can be of this person: "Sounds like" is not about somebody called Sounds."""
    if who.who == speaker or who.relation in words("plural"):
        return True
    plural = verb in ("are", "were") and bool(who.relation)
    return plural or verb in ("name", "birthday") or shape("third").match(verb) is not None


def _other_gender(pronoun: str, context: Context) -> bool:
    """Whether "he" cannot be whom the talk was about."""
    who = context.person.casefold()
    role = context.roles.get(who, who).rsplit("'s ", 1)[-1]
    return role in words("women" if pronoun in ("he", "his") else "men")


def _related(sentence: Sentence, at: int, context: Context, whose: str) -> Subject | None:
    """ "sister Lena", "neighbour's dog": after whose it is. `whose` empty: the speaker's."""
    tokens = sentence.tokens
    while at < len(tokens) and tokens[at].norm in words("describing"):
        at += 1
    found = _relation_at(sentence, at)
    if not found:
        return None
    role, at = found
    whose = whose or ("" if context.speaker == OWNER else context.speaker)
    who = f"{whose}'s {role}" if whose else role
    if at + 1 < len(tokens) and tokens[at].norm == "'s":
        further = _relation_at(sentence, at + 1)
        if further:
            return Subject(f"{who}'s {further[0]}", further[1], further[0], who)
        return Subject(who, at, role, whose or context.speaker)
    begin = at + 1 if at < len(tokens) and tokens[at].norm == "," else at
    end = _name_end(sentence, begin, context)
    if begin != at and end < len(tokens) and tokens[end].norm != ",":
        end = begin  # "my sister, Lena said": not hers
    if end > begin:
        name = sentence.text[tokens[begin].start : tokens[end - 1].end]
        after = end + 1 if begin != at and end < len(tokens) else end
        return Subject(name, after, role, whose or context.speaker, (begin, end))
    return Subject(who, at, role, whose or context.speaker)


def _relation_at(sentence: Sentence, at: int) -> tuple[str, int] | None:
    found = [token.norm for token in sentence.tokens[at : at + 3]]
    for count in range(len(found), 0, -1):
        name = " ".join(found[:count]).replace("-", " ")
        if is_relation(name):
            return relation(name), at + count
    return None


def _name_end(sentence: Sentence, at: int, context: Context) -> int:
    """Where the name ends that begins at a token; `at` where there is none."""
    tokens = sentence.tokens
    end = at
    while end < min(len(tokens), at + 3) and _could_be_name(sentence, end, context):
        end += 1
    if sentence.cased or end == at:
        return end
    if tokens[at].norm in context.names:
        return at + 1
    after = tokens[at + 1].norm if at + 1 < len(tokens) else ""
    return at + 1 if after in words("verbs") or after in ("he", "she", "'s", "does", "will") else at


def _could_be_name(sentence: Sentence, at: int, context: Context) -> bool:
    word = sentence.tokens[at]
    if word.norm in context.names:
        return True
    if word.norm in words("no_name") or not word.norm[0].isalpha():
        return False
    if sentence.cased:
        return word.capital
    return not word.norm.endswith("ly") and word.norm not in words("describing")


def _named(sentence: Sentence, at: int, context: Context) -> Subject | None:
    """ "Jonas", "Paul's wife"."""
    tokens = sentence.tokens
    word = tokens[at]
    title = word.norm in words("titles") and word.capital
    if word.norm not in context.names and not title:
        likely = word.capital if sentence.cased else _has_what_people_have(sentence, at)
        if not likely or not _could_be_name(sentence, at, context):
            return None
    elif word.norm in words("function"):
        return None
    end = at + 1
    while end < min(len(tokens), at + 3) and tokens[end].capital and _could_be_name(sentence, end, context):
        end += 1
    name = sentence.text[word.start : tokens[end - 1].end]
    if end < len(tokens) and tokens[end].norm == "'s":
        further = _relation_at(sentence, end + 1)
        return Subject(f"{name}'s {further[0]}", further[1], further[0], name) if further else Subject(name, end)
    return Subject(name, end)


def _has_what_people_have(sentence: Sentence, at: int) -> bool:
    """ "emma's birthday": a name, though in lower case."""
    following = [token.norm for token in sentence.tokens[at + 1 : at + 3]]
    if len(following) < 2 or following[0] != "'s":
        return False
    return following[1] in ("birthday", "name") or _relation_at(sentence, at + 2) is not None
