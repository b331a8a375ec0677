"""The memory's interface to the rest of voiceos: recall, remember, correct, forget."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from voiceos.clock import local_time
from voiceos.core import Recalled, Transcript, Turn
from voiceos.language.own_name import in_first_person
from voiceos.language.terms import Analyzer
from voiceos.memory import names
from voiceos.memory.facts import learning
from voiceos.memory.facts.rules import instead
from voiceos.memory.facts.vocabulary import may_replace, terms
from voiceos.memory.index.lexical import LexicalIndex
from voiceos.memory.indexer import catch_up
from voiceos.memory.open_memory import OpenMemory
from voiceos.memory.recall import asked_for, erasure, mentions, things
from voiceos.memory.recall.choice import SMALL_ROOM
from voiceos.memory.recall.closer import READ, reranked
from voiceos.memory.recall.erasure import Erasure
from voiceos.memory.recall.memories import meant, of_passages
from voiceos.memory.recall.parts import in_full, of_parts, parts_of
from voiceos.memory.recall.question import ask
from voiceos.memory.recall.recall import Recall
from voiceos.memory.recall.recollection import Evidence, Recollection, gathered, recollected
from voiceos.memory.recall.things import Things
from voiceos.memory.semantic import SemanticIndex
from voiceos.store.database import told, transaction
from voiceos.store.forgetting import Forgotten, Unwanted, forget
from voiceos.store.records import CORRECTS, OWNER
from voiceos.store.rows import Kept, clean
from voiceos.store.said import CONVERSATIONS, heard_in, record_of_words, said_in
from voiceos.store.selection import Selection, everything


class Memory(OpenMemory):
    """Everything that is remembered, in one folder. Blocking; any thread may call it, and calls wait for each other.

    Raises StoreError.
    """

    def __init__(
        self,
        folder: Path,
        *,
        key: str | None = None,
        meaning: SemanticIndex | None = None,
        owner: Collection[str] = (),
        language: str = "en",
        prompt_tokens: int = SMALL_ROOM,
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """`owner`: the owner's names. Without `meaning` it searches by words alone."""
        self._analyze = Analyzer(language)
        super().__init__(folder, LexicalIndex(self._analyze), meaning, key=key, now=now)
        self._owner = owner
        self._prompt_tokens = prompt_tokens
        self._recall = Recall(self.lexical, self._analyze, meaning)

    def names(self, now: datetime) -> list[names.Mention]:
        """Names in it that are likely to be said."""
        with self._reading, told(self.path):
            return list(names.mentions(self._reader, now))

    # Recalling

    def as_owner(self, question: str) -> str:
        """A question about the owner by name, as the owner would ask it; empty: it is no such question."""
        turned = in_first_person(question, self._owner)
        return "" if turned == question else turned

    def recall(
        self,
        question: str,
        now: datetime,
        *,
        earlier: Sequence[str] = (),
        of_life: bool = False,
        closely: bool = False,
    ) -> Recollection:
        """Memories that may be relevant to a question.

        `earlier`: what was asked just before, for questions that refer to it. `of_life`: the question is known to be
        about the owner's life. `closely`: a language model is to word an answer, which takes so long that there is time
        to read more of what was found.
        """
        question = in_full(clean(question), earlier)
        with self._reading, told(self.path):
            found = self._recollected(question, now, earlier, of_life=of_life, closely=closely)
            if found.sure or not (found.of_life and (parts := parts_of(question))):
                return found
            each = [self._recollected(part, now, earlier, of_life=True, closely=closely) for part in parts]
            return of_parts(found, each)

    def _recollected(
        self, question: str, now: datetime, earlier: Sequence[str], *, of_life: bool, closely: bool
    ) -> Recollection:
        found = self._evidence(question, now, earlier, closely=closely)
        room, owner = self._prompt_tokens, self._owner
        return recollected(self._reader, question, found, tokens=room, owner=owner, of_life=of_life)

    def evidence(self, question: str, now: datetime) -> Evidence:
        """What may answer a question, line by line, before anything is chosen."""
        with self._reading, told(self.path):
            return self._evidence(question, now, ())

    def _evidence(self, question: str, now: datetime, earlier: Sequence[str], *, closely: bool = False) -> Evidence:
        owner = self._owner
        return gathered(self._reader, self._recall, question, now, owner=owner, earlier=earlier, closely=closely)

    def search(
        self,
        text: str,
        now: datetime,
        *,
        limit: int = 10,
        begin: datetime | None = None,
        end: datetime | None = None,
    ) -> list[Recalled]:
        """The best passages for a question, whatever a prompt would get; only begin <= at < end.

        The first are read closely, so it takes longer than a spoken answer may.
        """
        with self._reading, told(self.path):
            only = mentions.passages_by(self._reader, "", begin, end) if begin or end else None
            findings = self._recall(self._reader, text, now, owner=self._owner, limit=max(limit, READ), only=only)
            found = of_passages(self._reader, findings.found)
            return reranked(self._reader, self._recall, findings, found, self._owner)[:limit]

    def about(self, topic: str, now: datetime) -> list[Recalled]:
        """What is known about something, or what was told at all: facts first, then passages that mention it."""
        topic = clean(topic)
        with self._reading, told(self.path):
            return asked_for.about(self._reader, topic, self._recall, self._analyze, now, owner=self._owner)

    def said(self, topic: str, now: datetime) -> list[Recalled]:
        """What the owner said about something, oldest first."""
        with self._reading, told(self.path):
            only = mentions.passages_by(self._reader, OWNER, None, None)
            findings = self._recall(self._reader, topic, now, owner=self._owner, only=only)
            found = of_passages(self._reader, findings.found)
            return asked_for.said(self._reader, findings.question, found, self._analyze)

    def part_about(self, topic: str, memory: Recalled) -> str:
        """What of a memory may be told to somebody who asks about a topic; empty: nothing."""
        return asked_for.part_about(topic, memory, self._analyze)

    def talked(self, when: str, now: datetime) -> list[Recalled]:
        """What the owner said in conversations at a time, oldest first; by default: last time."""
        with self._reading, told(self.path):
            return asked_for.talked(self._reader, when, now)

    # Keeping

    def correct(
        self, turn: Turn, words: str, wrong: Sequence[Recalled], asked: str, now: datetime, *, sure: bool = True
    ) -> bool:
        """Corrects what a reply to `asked` was based on (`wrong`), in the owner's words. Whether a fact changed.

        Where no fact is meant, a memory is wrong only if what is right shares a word with it or refers to it. `sure`:
        whether the reply said that it was so; else `wrong` only came near, and the question tells nothing of it.
        """
        with self._reading, told(self.path):
            known = meant(self._reader, wrong, f"{asked} {words}" if sure else words)
        if known:
            told_of = " ".join([known.quote, *terms(known.subject, known.predicate, known.object)])
            known = known if may_replace(words, told_of) or instead(words, words, known) else None
        alike = [one for one in wrong if sure and may_replace(turn.words, one.text)]
        kept = self.remember(turn, now, corrects=[known.record_id] if known else self.records_of(alike))
        if known:
            with self._writing, told(self.path):
                learning.correct(self._db, known, kept, words)
        return known is not None

    def remember(self, turn: Turn, now: datetime, corrects: Sequence[int] = ()) -> Kept:
        """Saves what the owner says in a turn at once, with its facts. `corrects`: records that are wrong."""
        source, record = record_of_words(turn, now)
        with self._writing, told(self.path), transaction(self._db):
            if corrects:
                record = replace(record, extra={CORRECTS: mentions.names_of(self._db, corrects)})
            (record_id,) = self.ledger.add(source, [record]).ids
            kept = self.ledger.get(record_id)
            assert kept
            learning.learn(self._db, kept)
            catch_up(self._db, self.lexical)
        return kept

    # Forgetting

    def of_turn(self, turn_id: str) -> list[int]:
        """The records of a turn's two sides; the turn itself may not be kept."""
        query = "SELECT r.id FROM record r JOIN source s ON s.id = r.source_id WHERE s.uri = ? AND r.key IN (?, ?)"
        with self._reading, told(self.path):
            rows = self._reader.execute(query, (CONVERSATIONS.uri, heard_in(turn_id), said_in(turn_id))).fetchall()
        return [row[0] for row in rows]

    def records_of(self, memories: Sequence[Recalled]) -> list[int]:
        return sorted({memory.record_id for memory in memories if memory.record_id})

    def mentions(self, topic: str, now: datetime) -> tuple[Selection, list[str]]:
        """Every record that mentions something, and where they come from; without a topic, every record.

        And the files of which nothing is remembered but the name, if that does.
        """
        self.catch_up_words()
        with self._reading, told(self.path):
            ids = mentions.records(self._reader, topic, self._analyze, now)
            unread = mentions.unread(self._reader, topic, self._analyze, now)
            return Selection(ids, sources=unread), mentions.places(self._reader, ids)

    def erasure(self, topic: str, now: datetime) -> Erasure:
        """What is to be forgotten about a topic."""
        self.catch_up_words()
        with self._reading, told(self.path):
            return erasure.about(self._reader, clean(topic), self._analyze, now)

    def things(self, topic: str, now: datetime) -> Things:
        """What is on lists or due about a topic."""
        with self._reading, told(self.path):
            asked = ask(topic, self._analyze, now)
            only_a_time = bool(asked.periods) and asked.topic == asked.terms
            return things.about(self._reader, () if only_a_time else set(asked.topic), self._analyze)

    def erasure_of(self, memories: Sequence[Recalled]) -> Erasure:
        """The same for memories that were told."""
        with self._reading, told(self.path):
            return erasure.of_memories(self._reader, memories)

    def everything(self) -> tuple[Selection, list[str]]:
        """All there is, and where it comes from."""
        with self._reading, told(self.path):
            chosen = everything(self._reader)
            return chosen, mentions.places(self._reader, chosen.records)

    def keep_rests(self, rests: Mapping[int, str]) -> None:
        """Keeps what some records say besides what is to be forgotten of them, as said when they were."""
        for kept in self.ledger.records(rests).values():
            turn = Turn(uuid4().hex, kept.record.thread, who=kept.record.author, transcript=Transcript(rests[kept.id]))
            self.remember(turn, kept.record.at or kept.learnt_at)

    def forget(self, unwanted: Unwanted) -> Forgotten:
        """Erases what is unwanted, with everything derived from it."""
        with self._writing, self._reading, told(self.path):
            gone = forget(self._db, unwanted)
            catch_up(self._db, self.lexical)
        return gone
