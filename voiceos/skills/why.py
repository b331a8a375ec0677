"""Tells why something was said or done: from what the store has of the turn, not from a model's story.

Where an answer is from ("where did you get that") is asked of the notes, which tell what a tool brought with this.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from voiceos.language.answers import yes_or_no
from voiceos.language.data import table, words_in
from voiceos.language.questions import content
from voiceos.language.sentences import say, skill_says
from voiceos.memory.quoting import shortened
from voiceos.skills.grammar import TEMPLATE
from voiceos.skills.skill import BY_SKILL, Asked, Intent, Said, Skill, Workshop, never
from voiceos.store.acts import READING, Progress, Receipt, receipts
from voiceos.store.database import Connection, Row, file_of, told
from voiceos.tools.data_in_words import in_words
from voiceos.tools.permission import spoken
from voiceos.tools.tool import Whence

T = TypeVar("T")

MOST_TOLD = 4
"""Reasons told aloud."""
LONGEST = 160
"""Characters of what is quoted."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of what was said or done in a turn."""

    kind: str
    """words, prompt, skill, template, reworded, rule, memory, read, act or model."""
    text: str
    """As it is told."""
    about: str
    """What it points to: the id of the turn, record or receipt, the name of the skill or model."""


def make(workshop: Workshop) -> Skill:
    async def why(asked: Asked) -> Said:
        before = workshop.before.get(asked.turn.device)
        found = await workshop.stored(lambda db: reasons(db, before.id)) if before else []
        return Said(aloud(found) or _says("nothing"))

    def by_skill(asked: Asked) -> bool:
        before = workshop.before.get(asked.turn.device)
        return before is not None and before.engines.get("mind", "").startswith(BY_SKILL)

    did, bare = Intent("why.did", why, mine=never), Intent("why.bare", why, mine=never, suits=by_skill)
    return Skill("why", [did, bare])


def reasons(db: Connection, turn: str) -> list[Reason]:
    """Why a turn ended as it did; nothing if it is not kept. Raises StoreError."""
    with told(file_of(db)):
        row = db.execute("SELECT * FROM turn WHERE id = ?", (turn,)).fetchone()
        if row is None:
            return []
        memories = db.execute(
            "SELECT r.id, r.text, r.title, r.author FROM recollection c JOIN record r ON r.id = c.record_id"
            " WHERE c.turn_id = ? AND c.left_out = '' GROUP BY r.id ORDER BY min(c.place)",
            (turn,),
        ).fetchall()
    done = receipts(db, turn=turn, reads=True)[::-1]
    engines: dict[str, str] = json.loads(row["engines"])
    words = [Reason("words", _says("words", words=_quoted(row["transcript"])), turn)] if row["transcript"] else []
    by_skill = engines.get("mind", "").startswith(BY_SKILL)
    given = [] if by_skill else bearing(memories, lambda row: row["text"], row["reply"], row["transcript"])
    return [*words, *_understood(engines), *map(_memory, given), *map(_act, done), *_worded(engines, row)]


def _understood(engines: dict[str, str]) -> list[Reason]:
    mind, found = engines.get("mind", ""), list[Reason]()
    if prompt := engines.get("prompt", ""):
        found.append(Reason("prompt", _says("prompt", name=prompt), prompt))
    if reworded := engines.get("reworded", ""):
        found.append(Reason("reworded", _says("reworded", words=_quoted(reworded)), reworded))
    if mind.startswith(BY_SKILL):
        intent = mind.removeprefix(BY_SKILL)
        found.append(Reason("skill", _says("skill"), intent))
        if sentence := engines.get(TEMPLATE, ""):
            found.append(Reason(TEMPLATE, _says(TEMPLATE, sentence=sentence), sentence))
    return found


def aloud(found: Sequence[Reason]) -> str:
    """The first reasons, but for what is no language; of what was plainly asked for, that alone."""
    asked = _says("did", why=table("en", "skills/why")["because"]["owner's words"])
    if all(one.kind in ("words", "skill", TEMPLATE) or one.text == asked for one in found) and len(found) > 1:
        return _says("asked" if found[-1].text == asked else "skill")
    return " ".join([*dict.fromkeys(one.text for one in found if one.kind != TEMPLATE)][:MOST_TOLD])


def _worded(engines: dict[str, str], row: Row) -> list[Reason]:
    mind = engines.get("mind", "")
    if not mind or mind.startswith(BY_SKILL) or not row["reply"]:
        return []
    kind = "rule" if mind in words_in("en", "skills/why", "by_rule") else "model"
    return [Reason(kind, _says(kind, name=mind), mind)]


def bearing(memories: Sequence[T], text: Callable[[T], str], reply: str, question: str) -> list[T]:
    """Those that the reply has something of that the question does not have; if it has of none, all that say something.

    A mere yes or no bears nothing out.
    """
    telling = [one for one in memories if yes_or_no(text(one)) is None]
    new = set(content(reply)) - set(content(question))
    return [one for one in telling if not new.isdisjoint(content(text(one)))] or telling


def _memory(row: Row) -> Reason:
    where = row["title"] or row["author"] or _says("earlier")
    return Reason("memory", _says("memory", where=where, words=_quoted(row["text"])), f"record:{row['id']}")


def _act(one: Receipt) -> Reason:
    about, name = f"act:{one.id}", _tool(one.act)
    if one.rule == READING:
        return Reason("read", _says("read", name=name, words=_quoted(in_words(one.result, one.at))), about)
    because: dict[str, str] = table("en", "skills/why")["because"]
    why = because.get(one.rule, one.rule)
    if one.progress is Progress.REFUSED:
        key = "refused_by_you" if one.rule in because else "refused"
        return Reason("act", _says(key, name=name, why=why), about)
    by_tool = bool(one.origins)  # what a skill does has none
    key = ("used" if one.done else "tried_tool") if by_tool else ("did" if one.done else "tried")
    kept = {_origin(origin) for origin in one.origins.values() if origin not in (Whence.OWNER, Whence.RULE)}
    came = _says("came", origins=_says("and").join(sorted(kept))) if kept else ""
    return Reason("act", _says(key, name=name, why=why) + came, about)


def _origin(origin: str) -> str:
    whence, _, where = origin.partition(": ")
    return where or (_says("from_model") if whence == Whence.MODEL else _says("earlier"))


def _tool(act: str) -> str:
    server = act.partition(".")[0].replace("_", " ").replace("-", " ")
    return _says("tool", tool=spoken(act), server=say("using.name", server=server))


def _quoted(text: str) -> str:
    return shortened(text, LONGEST)


def _says(key: str, **values: object) -> str:
    return skill_says(f"why.{key}", "en", **values)
