"""Recall through the whole memory: any question is answered or finds nothing; time, people, neighbours and filters."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceos import clock
from voiceos.core import Transcript, Turn
from voiceos.memory.memory import Memory
from voiceos.memory.recall.recall import Recall
from voiceos.store.forgetting import Unwanted
from voiceos.store.records import OWNER, Kind, Record, Source
from voiceos.store.said import CONVERSATIONS

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    with Memory(tmp_path_factory.mktemp("memory")) as memory:
        said = [
            ("The boiler makes a strange noise.", 400),
            ("The boiler was repaired by Mr Petit.", 90),
            ("Ana has a new red bicycle.", 3),
            ("Мы переехали в Лион весной.", 10),
            ("京都に引っ越しました。", 20),
        ]
        memory.ledger.add(
            CONVERSATIONS,
            [
                Record(Kind.SAID, str(days), text, author=OWNER, at=NOON - timedelta(days=days), thread=f"c{days}")
                for text, days in said
            ],
        )
        chat = [("Bo", "Where shall we meet?"), ("Ana", "At the old harbour, by the blue crane.")]
        messages = [
            Record(Kind.MESSAGE, str(n), text, author=author, at=NOON - timedelta(days=5, minutes=-n), thread="chat")
            for n, (author, text) in enumerate(chat)
        ]
        memory.ledger.add(Source("/chat.txt", "chat", "Chat"), messages)
        memory.ledger.add(
            Source("/calendar.ics", "calendar"),
            [
                Record(
                    Kind.EVENT,
                    "d",
                    "",
                    title="Dentist",
                    at=NOON + timedelta(days=1),
                    until=NOON + timedelta(days=1, hours=1),
                )
            ],
        )
        memory.catch_up()
        yield memory


def best(memory: Memory, question: str) -> str:
    return memory.search(question, NOON)[0].text


def test_by_words(memory: Memory) -> None:
    assert best(memory, "Who repaired the boiler?") == "The boiler was repaired by Mr Petit."
    assert best(memory, "What colour is Ana's bicycle?") == "Ana has a new red bicycle."


def test_by_time(memory: Memory) -> None:
    assert best(memory, "What about the boiler in 2025?") == "The boiler makes a strange noise."


@pytest.mark.parametrize(("question", "text"), [("куда мы переехали?", "Мы переехали"), ("京都", "京都に")])
def test_in_another_script(memory: Memory, question: str, text: str) -> None:
    assert best(memory, question).startswith(text)


def test_an_answer_that_shares_no_word_comes_with_its_question(memory: Memory) -> None:
    assert "At the old harbour, by the blue crane." in [one.text for one in memory.search("Where shall we meet?", NOON)]


def test_what_was_written_elsewhere_at_the_same_hours_comes_along(tmp_path: Path) -> None:
    evening = NOON - timedelta(days=30)
    kept = [
        ("notes", "Dinner with Marta at the harbour.", timedelta(0)),
        ("calls", "Pharmacy, nine minutes.", timedelta(hours=1)),
        ("calls", "Garage, two minutes.", timedelta(hours=9)),
    ]
    with Memory(tmp_path) as memory:
        for source in ("notes", "calls"):
            some = [(text, evening + after) for where, text, after in kept if where == source]
            apart = [(f"Nothing new, day {n}.", NOON - timedelta(days=60 + n)) for n in range(5)]
            records = [Record(Kind.ROW, str(n), text, at=at) for n, (text, at) in enumerate([*apart, *some, *apart])]
            memory.ledger.add(Source(f"/{source}", source), records)
        memory.catch_up()
        found = [one.text for one in memory.search("What happened around the dinner with Marta?", NOON)]
    assert "Pharmacy, nine minutes." in found
    assert "Garage, two minutes." not in found


def test_the_calendar_of_the_time_that_is_asked_about(memory: Memory) -> None:
    (first, *_) = memory.recall("What's on my calendar tomorrow?", NOON).memories
    assert (first.text, first.source, first.left_out) == ("12:00 PM, Dentist.", "your calendar", "")
    assert not [
        one for one in memory.recall("What's on my calendar on Sunday?", NOON).memories if one.id.startswith("record")
    ]


def test_a_calendar_does_not_crowd_out_what_was_told(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        words = "Bring the folder. " * 20
        events = [
            Record(Kind.EVENT, str(n), f"Meeting {n}. {words}", title=f"Meeting {n}", at=NOON - n * WEEK)
            for n in range(1, 7)
        ]
        memory.ledger.add(Source("/calendar.ics", "calendar"), events)
        coin = Record(Kind.NOTE, "n", "For my birthday my brother gave me a coin.", author=OWNER, at=NOON - 2 * WEEK)
        memory.ledger.add(Source("/notes.md", "markdown"), [coin])
        memory.catch_up()
        came_up = memory.recall("What did my brother give me this year?", NOON).memories
        assert [one.text for one in came_up if not one.left_out] == [coin.text]
        (event, *_) = memory.recall("What was on my calendar last Monday?", NOON).memories
        assert event.text.startswith("12:00 PM, Meeting 1. Bring")


def test_what_comes_every_week_does_not_push_out_what_was_told_once(tmp_path: Path) -> None:
    weekly = "Car inspection. Bring the service book, the spare key and the old tyres. See you there, number {}."
    with Memory(tmp_path) as memory:
        mails = [
            Record(Kind.MAIL, str(n), weekly.format(n), author="Bo", at=NOON - timedelta(days=n)) for n in range(8)
        ]
        memory.ledger.add(Source("/m.mbox", "mail"), mails)
        note = Record(Kind.NOTE, "n", "The spare key is under the flower pot.", author=OWNER)
        memory.ledger.add(Source("/notes.md", "markdown"), [note])
        memory.catch_up()
        judged = memory.recall("Where is the spare key?", NOON).memories
    assert note.text in [one.text for one in judged if not one.left_out]


def test_only_the_owners_words(memory: Memory) -> None:
    assert {one.author for one in memory.said("boiler", NOON)} == {"you"}
    assert not memory.said("harbour", NOON)


def test_what_is_searched_for_is_read_closely(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    question = "Who repaired the boiler?"
    before = memory.search(question, NOON)

    def odds(_: Recall, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        return np.array([9.0 if "strange noise" in line else -3.0 for _, line in pairs], np.float32)

    monkeypatch.setattr(Recall, "odds", odds)
    after = memory.search(question, NOON)
    assert "noise" not in before[0].text
    assert "noise" in after[0].text
    assert {one.id for one in after} == {one.id for one in before}
    assert [one.score for one in after] == sorted((one.score for one in before), reverse=True)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "😀🎉",
        "the of and",
        '"; DROP TABLE record; --',
        'boiler AND (NEAR/3 "noise" OR *) NOT ^petit:',
        "boiler " * 5_000,
        "\0\ud800",
        "%_[]{}()",
    ],
)
def test_any_question_is_answered_or_finds_nothing(memory: Memory, question: str) -> None:
    memory.recall(question, NOON)
    memory.about(question, NOON)
    memory.said(question, NOON)
    memory.talked(question, NOON)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_any_text_at_all(memory: Memory, question: str) -> None:
    for one in memory.recall(question, NOON).memories:
        assert 0 <= one.score <= 1


@pytest.fixture
def years(tmp_path: Path) -> Iterator[Memory]:
    said = [
        ("The garden here is only a balcony with two tomato plants.", 700),
        ("We moved to Lyon.", 500),
        ("The garden is full of old roses and a fig tree.", 300),
        ("We moved to Nantes.", 200),
        ("The garden needs a new fence.", 100),
        ("I am a bit afraid of the knee surgery.", 60),
        ("The knee surgery went well.", 50),
        ("The garden is a joy again.", 20),
    ]
    with Memory(tmp_path) as memory:
        records = [
            Record(Kind.SAID, str(days), text, author=OWNER, at=NOON - timedelta(days=days), thread=f"c{days}")
            for text, days in said
        ]
        memory.ledger.add(CONVERSATIONS, records)
        memory.catch_up()
        yield memory


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("the garden before the move", [700, 300]),  # the latest move
        ("the garden since the move", [100, 20]),
        ("the garden before we moved to Lyon", [700]),
        ("the garden after the knee surgery", [20]),  # no fact, no appointment: the days of the words
        ("the garden before the flood", []),  # of which nothing is known
    ],
)
def test_a_time_hangs_on_an_event(years: Memory, asked: str, told: list[int]) -> None:
    at = [memory.at for memory in years.said(asked, NOON)]
    assert at == [NOON - timedelta(days=days) for days in told]


def test_where_one_lived_before_the_move(years: Memory) -> None:
    known = [
        memory
        for memory in years.recall("Where did we live before the move?", NOON).memories
        if memory.id.startswith("fact:")
    ]
    assert ["Lyon" in memory.text for memory in known] == [True]


def test_the_calendar_knows_when_it_was(years: Memory) -> None:
    event = Record(Kind.EVENT, "e", "", title="Knee surgery", at=NOON - timedelta(days=80))
    years.ledger.add(Source("/calendar.ics", "calendar"), [event])
    years.catch_up()
    assert [memory.at for memory in years.said("the garden after the surgery", NOON)] == [NOON - timedelta(days=20)]
    assert len(years.said("the garden before the surgery", NOON)) == 3


def test_a_correction_goes_with_what_it_corrects(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        told = Turn("t1", "c", transcript=Transcript("My daughter Maren starts school in September."))
        memory.remember(told, NOON)
        wrong = memory.recall("When does Maren start school?", NOON).memories
        right = Turn("t2", "c", transcript=Transcript("That's wrong, she starts in August."))
        memory.correct(right, "she starts in August", wrong, "When does Maren start school?", NOON)
        amended = Turn("t3", "c", transcript=Transcript("That's wrong, it's July."))
        memory.correct(amended, "it's July", memory.recall("When does she start?", NOON).memories, "", NOON)
        memory.remember(Turn("t4", "c", transcript=Transcript("The fig tree starts to bear.")), NOON)
        ids = memory.mentions("Maren", NOON)[0].records
        memory.forget(Unwanted(ids))
        left = [row[0] for row in memory._db.execute("SELECT text FROM record")]  # pyright: ignore[reportPrivateUsage]
        assert left == ["The fig tree starts to bear."]


def test_what_a_fact_tells_of_somebody_is_about_them(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        for number, text in enumerate(
            ("My sister's name is Lena.", "My sister lives in Ghent.", "My brother plays chess.")
        ):
            memory.remember(Turn(f"t{number}", "c", transcript=Transcript(text)), NOON)
        ids = memory.mentions("Lena", NOON)[0].records
        assert len(ids) == 2


def test_a_correction_stays_when_something_else_is_forgotten_that_was_recalled_with_it(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:
        for number, text in enumerate(("My sister lives in Ghent.", "The opera in Ghent was splendid.")):
            memory.remember(Turn(f"t{number}", "c", transcript=Transcript(text)), NOON)
        recalled = memory.recall("Where does my sister live in Ghent?", NOON).memories
        assert len({one.record_id for one in recalled}) == 2
        right = Turn("t2", "c", transcript=Transcript("That's wrong, she lives in Bruges."))
        assert memory.correct(right, "she lives in Bruges", recalled, "Where does my sister live?", NOON)
        assert len(memory.mentions("opera", NOON)[0].records) == 1
        assert len(memory.mentions("sister", NOON)[0].records) == 2


def test_facts_of_a_note_that_changes_are_found_anew(tmp_path: Path) -> None:
    with Memory(tmp_path) as memory:

        def note(text: str) -> list[str]:
            memory.ledger.add(Source("/n.md", "markdown"), [Record(Kind.NOTE, "k", text, author=OWNER, at=NOON)])
            memory.catch_up()
            return [told.text for told in memory.about("me", NOON)]

        assert note("We live in Paris.") == ["We live in Paris."]
        assert note("We live in Lyon.") == ["We live in Lyon."]


def test_what_is_said_before_the_clock_is_set_has_no_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Memory(tmp_path) as memory:
        monkeypatch.setattr(clock, "BUILT", datetime.max.replace(tzinfo=UTC))
        memory.remember(Turn("t1", "c", transcript=Transcript("The spare key is under the pot.")), NOON)
        assert {told.at for told in memory.recall("Where is the spare key?", NOON).memories} == {None}
