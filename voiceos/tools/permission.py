"""Whether a call may be made: by rule, from the tool, its values and where they come from. No model is asked."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from voiceos.language.data import table
from voiceos.language.sentences import capital, joined
from voiceos.store.acts import READING
from voiceos.tools.origins import Traced
from voiceos.tools.tool import Effect, Origin, Tool, Whence
from voiceos.tools.values import address_kind, is_address, pieces, time_in

NONE: Mapping[int, Collection[str]] = {}
CONTENT_WORDS = 6
"""More words than this are something to read, not a name of something."""
SHOWN_WORDS = 12
"""The first words of a longer text, which are read out."""
OWNERS_WORDS = "owner's words"
OWNERS_YES = "owner's yes"
OWNERS_NO = "owner's no"
UNASKED = "not asked for"
COMMANDED = "told to by what was read"
RIVAL = "another was named"


class Support(IntEnum):
    """How far what the owner said asks for a tool."""

    NONE = 0
    SOME = 1
    PLAIN = 2
    BEST = 3
    """For no other that is at hand as much."""


@dataclass(frozen=True, slots=True)
class Allowed:
    rule: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The owner is asked."""

    question: str
    values: Sequence[Traced]
    """What the owner did not say."""


@dataclass(frozen=True, slots=True)
class Denied:
    why: str
    """One sentence, to be spoken."""
    rule: str


Verdict = Allowed | Doubtful | Denied


def judge(
    tool: Tool,
    traced: Sequence[Traced],
    *,
    support: Support,
    read: Origin | None,
    permitted: Mapping[int, Collection[str]] = NONE,
    declined: Collection[frozenset[str]] = (),
    words: Sequence[str] = (),
) -> Verdict:
    """The rules, in order. `read`: the last thing read before the call that is not the owner's.

    `permitted`: the values that standing permissions for this tool name, by their number. `declined`: those to which
    the owner has just said no. `words`: the owner's, of this turn.
    """
    if tool.effect is Effect.READ:
        return Allowed(READING)
    doubtful = [one for one in traced if matters(one, traced, tool.effect, read)]
    named = {one.named for one in doubtful}
    if any(no <= named for no in declined):
        return Denied(said("said_no"), OWNERS_NO)
    anchored = any(_is_target(one) for one in traced)
    if read and (doubtful or not anchored):
        where = read.where or said("somewhere")
        where = capital(where)
        if rivals := [(one, other) for one in doubtful if (other := rival(one, traced, words))]:
            one, other = rivals[0]
            return Denied(said("rival", where=where, value=_shown(one.value.value), other=other), RIVAL)
        if ordered := [one for one in doubtful if one.commanded]:
            value = _shown(ordered[0].value.value)
            return Denied(said("told", where=where, tool=spoken(tool.name), value=value), COMMANDED)
        if support < (Support.SOME if anchored else Support.PLAIN):
            return Denied(said("refused", where=where, tool=spoken(tool.name)), UNASKED)
    permission = next((number for number, values in permitted.items() if named <= set(values)), 0)
    if permission and (support >= Support.PLAIN or not read):
        return Allowed(f"permission {permission}")
    least = Support.SOME if anchored else Support.BEST if read and not traced else Support.PLAIN
    asked = support >= least or tool.effect is Effect.ASK
    if doubtful or not asked:
        return Doubtful(question(tool, traced, doubtful), doubtful)
    return Allowed(OWNERS_WORDS)


def rival(one: Traced, every: Sequence[Traced], words: Sequence[str]) -> str:
    """What the owner has named of the kind that a value is, where the call has another instead; "" if nothing."""
    kind = address_kind(str(one.value.value))
    if not kind or any(kind == address_kind(str(other.value.value)) for other in every if other.origin.is_owners):
        return ""
    named = (part for text in words for part in pieces(text) if address_kind(part) == kind)
    return next(named, "")


def key(doubtful: Sequence[Traced]) -> frozenset[str]:
    """What a no is a no to: the addresses, or if there are none, all values that are not the owner's."""
    found = frozenset(one.named for one in doubtful if address_kind(str(one.value.value)))
    return found or frozenset(one.named for one in doubtful)


def matters(one: Traced, every: Sequence[Traced], effect: Effect, read: Origin | None) -> bool:
    """Whether a value must be the owner's: a recipient, address, link, file, id or amount, by its schema and looks."""
    value = one.value.value
    if one.origin.is_owners:
        return False
    if effect is Effect.ASK:  # whatever was read may leave in it
        return read is not None
    if isinstance(value, bool) or value is None:
        return read is not None
    if not isinstance(value, str) or is_address(value) or time_in(value):
        return True
    if is_content(value):
        return False
    if one.origin.whence is not Whence.MODEL:
        return True
    return not any(_is_target(other) for other in every if other is not one)


def is_content(text: str) -> bool:
    """Whether a text is something to read rather than the name of something."""
    return len(text.split()) > CONTENT_WORDS or "\n" in text.strip()


def _is_target(one: Traced) -> bool:
    """Whether the owner named what the call is about."""
    value = one.value.value
    return one.origin.whence is Whence.OWNER and isinstance(value, str) and re.search(r"[^\W\d_]{2}", value) is not None


# Words


def question(tool: Tool, traced: Sequence[Traced], doubtful: Sequence[Traced]) -> str:
    """What to ask: all values, and where those come from that the owner did not say."""
    asked = said("ask", tool=spoken(tool.name), values=_with(traced))
    return " ".join([asked, *(_told(doubtful) or [said("unasked")])])


def doubt(tool: str, values: Iterable[tuple[str, object]]) -> str:
    """What is said of a call that was cut off."""
    listed = joined([said("value", name=_spoken(path), value=_shown(value)) for path, value in values])
    return said("doubt", tool=spoken(tool), values=said("with", values=listed) * bool(listed))


def permitted(tool: str, values: Sequence[str]) -> str:
    """What was allowed for good: a tool, with the values that stand after their names."""
    listed = joined(values)
    return f"{spoken(tool)}{said('with', values=listed) * bool(listed)}"


def spoken(name: str) -> str:
    """A tool's name in words."""
    return _spoken(name.partition(".")[2] or name)


def _spoken(name: str) -> str:
    bare = re.sub(r"\.\d+(?=\.|$)", "", name)
    return re.sub(r"[\W_]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", bare)).strip().lower()


def _with(traced: Sequence[Traced]) -> str:
    listed = joined(
        [
            said("value", name=_spoken(one.value.path), value=_shown(one.value.value))
            for one in traced
            if one.value.value not in (None, "") and not one.part
        ]
    )
    return said("with", values=listed) if listed else ""


def _shown(value: object) -> str:
    text = str(value)
    words = text.split()
    return said("long", words=len(words), start=" ".join(words[:SHOWN_WORDS])) if len(words) > SHOWN_WORDS else text


def _told(doubtful: Sequence[Traced]) -> list[str]:
    """Where values come from, in a sentence for each place."""
    places = dict[str | None, dict[str, None]]()
    for one in doubtful:
        where = None if one.origin.whence is Whence.MODEL else one.origin.where or said("somewhere")
        places.setdefault(where, {})[_shown(one.value.value)] = None
    return [_told_of([*values], where) for where, values in places.items()]


def _told_of(values: Sequence[str], where: str | None) -> str:
    if where is not None:
        return said("from_read", values=joined(values), where=where)
    if len(values) == 1:
        return said("from_model", value=values[0])
    return said("from_model_more", values=joined(values, "nor"))


def said(key: str, **values: object) -> str:
    """A sentence of `permission.toml`, filled in."""
    return str(table("en", "permission")[key]).format(**values)
