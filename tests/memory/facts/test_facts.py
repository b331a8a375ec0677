"""Facts: each with its words; newer ones supersede, corrections withdraw, forgetting brings back what was before."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.memory.facts import learning, lookup
from voiceos.memory.facts.fact import Claim, Fact, Origin, as_sentence
from voiceos.memory.registered import derived
from voiceos.store.database import Connection, open_database
from voiceos.store.ledger import Ledger
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.rows import Kept

Say = Callable[..., Kept]
TALK = Source("voiceos:conversations", "conversations")
NUMBER = itertools.count()


@pytest.fixture
def say(db: Connection) -> Say:
    """The owner (or another author) says something on a day, and the rules learn from it."""

    def say(text: str, day: str, author: str = OWNER, kind: Kind = Kind.SAID, *, learn: bool = True) -> Kept:
        at = datetime.fromisoformat(day).replace(hour=12).astimezone()
        record = Record(kind, f"{next(NUMBER)}", text, author=author, at=at, thread=day)
        ledger = Ledger(db, now=lambda: at)
        kept = ledger.get(ledger.add(TALK, [record]).ids[0])
        assert kept
        if learn:
            learning.learn(db, kept)
        return kept

    return say


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def known(db: Connection, predicate: str = "", at: str = "", *, historic: bool = False) -> list[str]:
    found = lookup.facts_about(db, predicate=predicate, at=day(at) if at else None, historic=historic)
    return [fact.object for fact in found]


def one(db: Connection, predicate: str) -> Fact:
    (fact,) = lookup.facts_about(db, predicate=predicate)
    return fact


def test_a_newer_fact_supersedes_and_the_older_stays_as_history(db: Connection, say: Say) -> None:
    say("We live in Bremen.", "2024-03-10")
    say("We moved to Lyon last week!", "2025-05-03")
    assert known(db, "lives in") == ["Lyon"]
    assert known(db, "lives in", at="2024-12-01") == ["Bremen"]
    assert known(db, "lives in", at="2025-06-01") == ["Lyon"]
    past = lookup.history(db, one(db, "lives in"))
    assert [(fact.object, fact.superseded_by is not None) for fact in past] == [("Bremen", True), ("Lyon", False)]
    assert past[0].valid_to == past[1].valid_from == day("2025-04-21")


def test_a_move_of_last_week_is_newer_than_what_was_said_a_few_days_ago(db: Connection, say: Say) -> None:
    say("We live in Leeds.", "2026-11-20")
    say("We moved to Lyon last week.", "2026-11-26")
    assert known(db, "lives in") == ["Lyon"]


@pytest.mark.parametrize(
    ("told", "now", "over"),
    [
        (["I live in Ghent.", "I moved to Liège in October."], "Liège", {"Ghent"}),
        (["I live in Ghent.", "I moved to Liège in May.", "I moved to Faro in October."], "Faro", {"Ghent", "Liège"}),
        (["I moved to Faro in October.", "I moved to Liège in May."], "Faro", {"Liège"}),
    ],
)
def test_a_change_told_later_ends_what_had_no_date(
    db: Connection, say: Say, told: list[str], now: str, over: set[str]
) -> None:
    for text in told:
        say(text, "2026-11-30")
    assert known(db, "lives in") == [now]
    facts = lookup.facts_about(db, predicate="lives in", historic=True)
    assert {fact.object for fact in facts if fact.superseded_by} == over


def test_it_says_where_it_comes_from(db: Connection, say: Say) -> None:
    say("Guess what, we moved to Lyon!", "2025-05-03")
    assert as_sentence(one(db, "lives in")) == 'You told me on 3 May 2025: "we moved to Lyon".'


def test_what_was_taken_back_was_never_so(db: Connection, say: Say) -> None:
    say("We live in Bremen.", "2024-03-10")
    say("We moved to Lyon.", "2025-05-03")
    say("We didn't move to Lyon after all.", "2025-06-01")
    assert known(db, "lives in") == ["Bremen"]
    (lyon,) = (fact for fact in lookup.facts_about(db, predicate="lives in", historic=True)
               if fact.object == "Lyon" and fact.positive)  # fmt: skip
    assert lyon.retracted_at == day("2025-06-01").replace(hour=12)


def test_forgetting_a_correction_brings_back_what_it_corrected(db: Connection, say: Say) -> None:
    say("We live in Bremen.", "2024-03-10")
    move = say("We moved to Lyon.", "2025-05-03")
    back = say("We didn't move to Lyon after all.", "2025-06-01")
    assert learning.remove(db, [back.id]) == 1
    assert known(db, "lives in") == ["Lyon"]
    assert learning.remove(db, [move.id]) == 1
    assert known(db, "lives in") == ["Bremen"]
    assert learning.verify(db) == []


def test_facts_go_with_their_record(db: Connection, say: Say) -> None:
    kept = say("My dentist is Doctor Meunier.", "2025-05-03")
    db.execute("DELETE FROM record WHERE id = ?", (kept.id,))
    assert db.execute("SELECT count(*) FROM fact").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM fact_term").fetchone()[0] == 0


def test_many_valued_facts_stand_side_by_side(db: Connection, say: Say) -> None:
    say("I love olives.", "2025-05-03")
    say("I really like capers.", "2025-05-04")
    assert sorted(known(db, "likes")) == ["capers", "olives"]
    say("I don't like olives any more.", "2025-08-01")
    positive = [fact.object for fact in lookup.facts_about(db, predicate="likes") if fact.positive]
    assert positive == ["capers"]


def test_a_plan_holds_from_its_day(db: Connection, say: Say) -> None:
    say("We live in Leeds.", "2025-01-10")
    say("We're moving to Manchester in March.", "2025-01-11")
    assert known(db, "lives in", at="2025-02-01") == ["Leeds"]
    assert known(db, "lives in", at="2025-04-01") == ["Manchester"]


def test_two_sources_are_told_apart(db: Connection, say: Say) -> None:
    say("Tom works at Siemens.", "2025-01-10")
    mail = say("Tom works at Bosch.", "2025-02-10", author="Anna", kind=Kind.MAIL)
    found = lookup.facts_about(db, predicate="works at")
    assert {(fact.said_by, fact.object) for fact in found} == {(OWNER, "Siemens"), ("Anna", "Bosch")}
    (mine,) = (fact for fact in found if fact.said_by == OWNER)
    (other,) = lookup.disagreements(db, mine)
    assert other.record_id == mail.id
    assert as_sentence(other) == 'Anna wrote on 10 February 2025: "Tom works at Bosch".'


def test_another_person_s_move_is_theirs(db: Connection, say: Say) -> None:
    say("We live in Bremen.", "2025-01-10")
    say("My sister Lena moved to Porto.", "2025-01-11")
    assert [fact.object for fact in lookup.facts_about(db, people=[OWNER], predicate="lives in")] == ["Bremen"]
    assert [fact.object for fact in lookup.facts_about(db, people=["sister"], predicate="lives in")] == ["Porto"]
    assert [(fact.predicate, fact.object) for fact in lookup.people(db)] == [("sister", "Lena")]


def test_a_person_is_one_by_name_and_by_relation(db: Connection, say: Say) -> None:
    say("My sister lives in Porto.", "2025-01-10")
    say("My sister is called Lena.", "2025-01-11")
    say("Lena moved to Madrid.", "2025-03-01")
    assert [fact.object for fact in lookup.facts_about(db, people=["my sister"], predicate="lives in")] == ["Madrid"]


def test_said_twice_is_known_once(db: Connection, say: Say) -> None:
    first = say("I'm allergic to peanuts.", "2025-01-10")
    second = say("I'm allergic to peanuts.", "2025-02-10")
    fact = one(db, "allergic to")
    assert fact.record_id == first.id
    learning.remove(db, [first.id])
    assert one(db, "allergic to").record_id == second.id


@pytest.mark.parametrize(
    ("told", "objects"),
    [
        (["No, I meant Stefanie."], ["Stefanie"]),
        (["No, sorry, Stefanie."], ["Stefanie"]),
        (["What time is it in London?", "No, I meant Lisbon."], ["Stefan"]),
        (["Add bread to my shopping list.", "Sorry, butter."], ["Stefan"]),
        (["What time is it?", "Add bread.", "No, it's butter."], ["Stefan"]),
        (["What time is it?", "No, my boss is called Stefanie."], ["Stefanie"]),
    ],
)
def test_a_repair_is_about_what_was_said_last(db: Connection, say: Say, told: list[str], objects: list[str]) -> None:
    for text in ("My boss is called Stefan.", *told):
        say(text, "2025-01-10")
    assert [fact.object for fact in lookup.facts_about(db, predicate="boss")] == objects


def test_correcting_by_words(db: Connection, say: Say) -> None:
    say("My daughter's birthday is the third of June.", "2025-01-10")
    wrong = one(db, "birthday")
    words = say("That's wrong, it's the fifth of June.", "2025-01-11", learn=False)
    learning.correct(db, wrong, words)
    right = one(db, "birthday")
    assert (right.subject, right.object, right.origin) == ("daughter", "fifth of June", Origin.TOLD)
    again = lookup.get(db, wrong.id)
    assert again is not None
    assert again.retracted_at is not None
    assert learning.verify(db) == []


@pytest.mark.parametrize(
    ("told", "right", "objects"),
    [
        ("My sister lives in Berlin.", "That's wrong, she lives in Hamburg.", ["Hamburg"]),
        ("My sister lives in Berlin.", "That's wrong, she left in May.", []),
        ("My boss is called Stefan.", "That's wrong, I meant Stefanie.", ["Stefanie"]),
        ("My boss is called Stefan.", "No, he was promoted and replaced.", []),  # nothing to put in its place
    ],
)
def test_correcting_without_a_whole_statement(
    db: Connection, say: Say, told: str, right: str, objects: list[str]
) -> None:
    wrong = lookup.of_records(db, [say(told, "2025-01-10").id])[-1]
    learning.correct(db, wrong, say(right, "2025-01-11", learn=False))
    assert [fact.object for fact in lookup.facts_about(db, predicate=wrong.predicate)] == objects
    assert learning.verify(db) == []


def test_denied_stays_denied_after_reindexing(db: Connection, say: Say) -> None:
    say("My boss is called Stefan.", "2025-01-10")
    learning.deny(db, one(db, "boss"), day("2025-01-11"))
    assert known(db, "boss") == []
    learning.reindex(db)
    assert known(db, "boss") == []
    assert known(db, "boss", historic=True) == ["Stefan"]


def test_reindexing_finds_the_same_again(db: Connection, say: Say) -> None:
    for number, text in enumerate(("We live in Bremen.", "We moved to Lyon.", "I don't eat meat any more.")):
        say(text, f"2025-01-1{number}")
    before = [(f.object, f.valid_from, f.valid_to, f.quote) for f in lookup.facts_about(db, historic=True)]
    assert learning.reindex(db) == 3
    assert [(f.object, f.valid_from, f.valid_to, f.quote) for f in lookup.facts_about(db, historic=True)] == before


def test_a_note_that_was_changed_is_learnt_from_anew(db: Connection) -> None:
    ledger = Ledger(db)
    for text in ("We live in Bremen.", "We live in Lyon."):
        ledger.add(Source("/notes/home.md", "markdown"), [Record(Kind.NOTE, "1", text, author=OWNER)])
        learning.catch_up(db, lambda _: True)
        assert [fact.quote for fact in lookup.facts_about(db, predicate="lives in")] == [text.rstrip(".")]


def test_no_fact_without_words(db: Connection, say: Say) -> None:
    kept = say("Hello.", "2025-01-10", learn=False)
    with pytest.raises(ValueError, match="must have words"):
        learning.add(db, kept, [Claim(OWNER, "lives in", "Lyon", 90, 99)])


def test_a_fact_whose_words_changed_is_found_out(db: Connection, say: Say) -> None:
    kept = say("We live in Bremen.", "2025-01-10")
    db.execute("UPDATE record SET text = 'We live in Hanover' WHERE id = ?", (kept.id,))
    assert learning.verify(db) == ["fact 1 (lives in Bremen) is not in the text it cites"]
    learning.reindex(db)
    assert known(db, "lives in") == ["Hanover"]


def test_the_question_s_words_find_it(db: Connection, say: Say) -> None:
    say("My daughter Nina starts kindergarten in September.", "2025-04-06")
    say("I'm allergic to penicillin.", "2025-04-06")
    say("We live in Leeds.", "2025-04-06")
    first = lookup.facts_about(db, ["where", "do", "we", "live"])[0]
    assert (first.predicate, first.object) == ("lives in", "Leeds")
    assert lookup.facts_about(db, ["allergies"])[0].object == "penicillin"


WORDS = st.sampled_from(
    ["We live in Bremen.", "We moved to Lyon.", "We didn't move to Lyon after all.", "We used to live in Cork.",
     "I love olives.", "I don't like olives.", "My sister Lena lives in Porto.", "Lena moved to Rome in May.",
     "My sister is called Ida.", "That's wrong, we live in Kiel.", "We're moving to Nice in March."]
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(talk=st.lists(st.tuples(WORDS, st.integers(0, 700)), min_size=1, max_size=8), data=st.data())
def test_forgetting_leaves_what_would_have_been(talk: list[tuple[str, int]], data: st.DataObject) -> None:
    """After some records are forgotten, the rest stands as after working all out anew."""
    db = open_database(Path(":memory:"), derived=derived())
    ids: list[int] = []
    for number, (text, offset) in enumerate(talk):
        at = datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=offset)
        ledger = Ledger(db, now=lambda at=at: at)
        kept = ledger.get(ledger.add(TALK, [Record(Kind.SAID, f"{number}", text, author=OWNER, at=at)]).ids[0])
        assert kept
        learning.learn(db, kept)
        ids.append(kept.id)
    assert learning.verify(db) == []
    assert learning.settle_all(db) == 0
    gone = data.draw(st.lists(st.sampled_from(ids), unique=True))
    learning.remove(db, gone)
    assert learning.verify(db) == []
    assert learning.settle_all(db) == 0
    left = lookup.facts_about(db, historic=True, limit=1000)
    assert not {fact.record_id for fact in left} & set(gone)
    db.close()
