"""The memory by voice: what is announced is what is erased, after a yes to just that; what is told, and corrected."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from voiceos.config.settings import Config
from voiceos.core import Action, Outcome, Part, Transcript, Turn
from voiceos.errors import ConfigError, StoreError
from voiceos.memory.facts import lookup
from voiceos.memory.memory import Memory
from voiceos.mind.router import Router
from voiceos.skills import acts, world_clock
from voiceos.skills.calendar import calendar
from voiceos.skills.lists import lists
from voiceos.skills.notes import notes
from voiceos.skills.person import person
from voiceos.skills.registry import skills
from voiceos.skills.schedule import reminders, timers
from voiceos.skills.skill import Asked, Workshop
from voiceos.store.acts import receipts
from voiceos.store.database import NAME, open_database
from voiceos.store.doom import doom
from voiceos.store.forgetting import Unwanted
from voiceos.store.permissions import PATIENCE, Permission, allow, permissions
from voiceos.store.prompts import Saved, prompts, save_prompt
from voiceos.store.records import Kind, Record, Source
from voiceos.store.routines import Routine, routines, save_routine
from voiceos.store.schedule import Entry, add_entry, entries
from voiceos.store.turns import TurnStore

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 29, 12).astimezone()
HOUSE = Source("/notes/house.md", "markdown", "House")
HOUSEHOLD = "The spare key is under the pot. The boiler code is 4711. The bins go out on Tuesday."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Home:
    """Skills with a memory in a folder; the model answers with `model`."""

    def __init__(self, folder: Path, *others: Any, config: Config | None = None) -> None:
        self.folder, self.now, self.model = folder, NOON, "All right."
        self.memory = Memory(folder, now=lambda: self.now)
        self.kept = TurnStore(folder, derived=self.memory.derived)
        self.db = open_database(folder / NAME, derived=self.memory.derived)
        self.workshop = Workshop(config or Config(), self.db, now=lambda: self.now, memory=self.memory)
        self.router = Router(
            [one.make(self.workshop) for one in (lists, notes, world_clock, *others)],
            self.workshop,
            now=lambda: self.now,
        )
        self.turn = Turn("none", "c")
        self.count = 0

    async def _think(self, turn: Turn) -> AsyncGenerator[Part | Action, None]:
        turn.recalled = self.memory.recall(turn.words, self.now).memories
        yield Part(self.model)

    async def __call__(self, text: str, *, device: str = "", model: str = "All right.") -> str:
        self.model, self.count = model, self.count + 1
        self.turn = turn = Turn(f"turn{self.count}", "c", device=device, transcript=Transcript(text))
        async with aclosing(self.router.reply(turn, self._think)) as parts:
            async for part in parts:
                turn.reply += await part.do() if isinstance(part, Action) else part.text
        turn.said, turn.outcome = turn.reply, Outcome.ANSWERED
        self.router.ended(turn)
        self.kept.save(turn, self.now)
        self.memory.catch_up()
        self.now += timedelta(seconds=10)
        return turn.reply

    def add(self, text: str, title: str = "House", key: str = "a") -> None:
        record = Record(Kind.NOTE, key, text, title=title, at=NOON - timedelta(days=30))
        self.memory.ledger.add(HOUSE, [record])
        self.memory.catch_up()

    def texts(self, kind: str = "") -> list[str]:
        rows = self.db.execute("SELECT text FROM record WHERE ? IN ('', kind) ORDER BY id", (kind,))
        return [row["text"] for row in rows]

    def holds(self, words: str) -> bool:
        """Whether any file has these bytes."""
        return any(words.encode() in file.read_bytes() for file in self.folder.rglob("*") if file.is_file())


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Home]:
    home = Home(tmp_path, *getattr(request, "param", ()))
    yield home
    home.kept.close()
    home.db.close()
    home.memory.close()


async def test_a_note_loses_only_the_sentence_that_says_it(home: Home) -> None:
    home.add(HOUSEHOLD)
    assert await home("Forget the spare key") == (
        "That would permanently erase one memory about the spare key. In your note House it says: "
        "The spare key is under the pot. The file itself would stay. Should I?"
    )
    assert await home("Yes.") == "Done. I've erased it."
    assert not home.holds("under the pot")
    assert (
        home.memory.search("What is the boiler code?", home.now)[0].text.strip().startswith("The boiler code is 4711")
    )
    home.add(HOUSEHOLD)  # the file is read again
    assert not home.holds("under the pot")
    home.add(f"{HOUSEHOLD} The plumber is Bill.")  # somebody wrote it again
    assert home.holds("under the pot")
    assert home.memory.verify() == []


async def test_what_can_only_go_whole_is_said_to(home: Home) -> None:
    home.add("It's under the pot. It's the small one.", title="Spare key")
    said = await home("Forget about the spare key")
    assert "It's under the pot. It's the small one. That could only go as a whole." in said
    await home("yes please")
    assert home.texts("note") == []


async def test_only_what_was_announced_goes(home: Home) -> None:
    await home("Remember that Clara likes tulips.")
    await home("Clara's birthday is on 4 May.", model="Noted.")
    await home("My brother lives in Ghent.", model="Clara told me so.")
    await home("When is Clara's birthday?", model="On 4 May.")
    said = await home("Forget everything about Clara.")
    assert said == (
        "That would permanently erase 2 memories about Clara. Today you said: Remember that Clara likes tulips. "
        "Today you said: Clara's birthday is on 4 May. And a question of yours. What I said about it would go, too. "
        "Should I?"
    )
    assert await home("yes, go ahead") == "Done. I've erased it."
    assert not home.holds("Clara")
    assert "My brother lives in Ghent." in home.texts("said")
    (receipt, *_) = receipts(home.db)
    assert (receipt.act, receipt.done, "Clara" in str(receipt)) == ("notes.erase", True, False)


@pytest.mark.parametrize("home", [(acts, reminders, timers)], indirect=True)
async def test_what_is_on_lists_and_due_is_announced_and_goes_too(home: Home) -> None:
    await home("Remind me to call Clara tomorrow at nine.")
    await home("Add a cake for Clara and milk to the shopping list.")
    await home("Cancel that timer.")
    await home("Set a Clara timer for ten minutes.")
    said = await home("Forget everything about Clara.")
    assert "Also cake for Clara on your shopping list, your Clara timer and your reminder: call Clara." in said
    assert (await home("yes")).startswith("Done.")
    assert not home.holds("Clara")
    assert await home("undo that") == "What is erased stays erased."
    assert await home("What's on my shopping list?") == "You have one thing on your shopping list: milk."
    assert await home("What reminders do I have?") == "You have no reminders."


async def test_what_was_named_or_allowed_for_good_is_announced_and_goes_too(home: Home) -> None:
    def rows() -> list[list[str]]:
        return [[one.name for one in routines(home.db)], [one.name for one in prompts(home.db)],
                [one.tool for one in permissions(home.db)]]  # fmt: skip

    for name, text in (("cards", "write to Clara"), ("lamps", "turn off the lights")):
        save_routine(home.db, Routine(name, [text]))
        save_prompt(home.db, Saved(f"{name} prompt", text, "owner"))
    for value in ("recipient Clara", "recipient Dan"):
        allow(home.db, Permission("mail.send_card", "stamp", [value]))
    add_entry(home.db, Entry("routine", "cards", wall=NOON.replace(tzinfo=None)))
    said = await home("Forget everything about Clara.")
    assert said == (
        "That would permanently erase your routine cards, your prompt cards prompt and "
        "your permission to use send card with recipient Clara without asking. Should I?"
    )
    assert [len(some) for some in rows()] == [2, 2, 2]
    await home("Yes.")
    assert rows() == [["lamps"], ["lamps prompt"], ["mail.send_card"]]
    assert [one.doubtful for one in permissions(home.db)] == [["recipient Dan"]]
    assert entries(home.db) == []


async def test_what_is_only_on_a_list_or_due_is_announced_by_itself(home: Home) -> None:
    await home("Add milk to the shopping list.")
    await home("What day is it?")  # or "forget the milk" would correct what was just added
    home.memory.forget(Unwanted(turns=["turn1"]))
    assert await home("Forget the milk") == "That would permanently erase milk on your shopping list. Should I?"
    assert await home("no") == "All right, I'll keep it."
    assert await home("What do you know about milk?") == "There's milk on your shopping list."
    await home("Forget the milk")
    await home("yes")
    assert await home("What's on my shopping list?") == "There's nothing on your shopping list."


async def test_a_list_of_that_name_goes_whole(home: Home) -> None:
    await home("Add balloons and a cake to the birthday list.")
    assert "Also your birthday list, with 2 things on it." in await home("Forget about the birthday.")
    await home("yes")
    assert not home.holds("balloons")


@pytest.mark.parametrize("home", [(timers,)], indirect=True)
async def test_only_the_part_that_is_to_be_remembered_is_a_memory(home: Home) -> None:
    said = await home("Remember that the spare key is under the pot, and set a timer for ten minutes.")
    assert said == "I'll remember that. Timer set for 10 minutes."
    assert home.texts("said") == ["Remember that the spare key is under the pot"]


async def test_with_a_pin_only_that_erases_everything(tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text("4 711\n".replace(" ", ""))
    pin.chmod(0o600)
    home = Home(tmp_path, config=Config.model_validate({"memory": {"pin_file": str(pin)}}))
    await home("Remember that Clara likes tulips.")
    assert (await home("Forget everything.")).endswith("Say your PIN to erase everything.")
    assert await home("yes") == "A yes isn't enough for that. Say your PIN to erase everything."
    assert await home("four seven one two") == "That's not your PIN, so I'll keep everything."
    assert await home("4711") != "Done. I've erased everything."
    await home("Forget everything.")
    assert await home("four seven one one") == "Done. I've erased everything."
    assert not home.holds("tulips")
    assert not any("4711" in str(receipt) for receipt in receipts(home.db))
    await home("Remember that Clara likes roses.")
    pin.chmod(0o644)
    with pytest.raises(ConfigError):
        await home("Forget everything.")
    assert home.holds("roses")
    for part in (home.kept, home.db, home.memory):
        part.close()


async def test_erasing_everything_can_wait_and_be_taken_back(tmp_path: Path) -> None:
    home = Home(tmp_path, acts, config=Config.model_validate({"memory": {"regret": 10}}))
    await home("Remember that Clara likes tulips.")

    async def erase() -> str:
        number = re.findall(r"\d+", await home("Forget everything."))[-1]
        return await home(number)

    for spare in ("keep everything", "undo that", "Don't erase everything!"):
        assert (await erase()).startswith("I'll erase everything in 10 minutes.")
        assert home.workshop.work(doom) == home.now.astimezone(UTC) + timedelta(minutes=10) - timedelta(seconds=10)
        assert await home(spare) == "All right, I'll keep everything."
        assert home.workshop.work(doom) is None
    assert home.holds("tulips")
    for part in (home.kept, home.db, home.memory):
        part.close()


async def test_no_is_an_answer(home: Home) -> None:
    home.add(HOUSEHOLD)
    await home("Forget the spare key")
    assert await home("No, keep it.") == "All right, I'll keep it."
    await home("Yes.")
    assert home.texts("note") == [HOUSEHOLD]


@pytest.mark.parametrize("between", ["What time is it?", "Yes, I went shopping", "Tell me a story."])
async def test_a_yes_to_something_else_erases_nothing(home: Home, between: str) -> None:
    home.add(HOUSEHOLD)
    await home("Forget the spare key")
    await home(between)
    await home("Yes.")
    assert home.texts("note") == [HOUSEHOLD]


async def test_a_late_yes_and_a_yes_elsewhere_erase_nothing(home: Home) -> None:
    home.add(HOUSEHOLD)
    await home("Forget the spare key", device="kitchen")
    await home("Yes.", device="bedroom")
    home.now += PATIENCE
    await home("Yes.", device="kitchen")
    assert home.texts("note") == [HOUSEHOLD]


async def test_what_has_changed_since_it_was_announced_stays(home: Home) -> None:
    home.add(HOUSEHOLD)
    await home("Forget the spare key")
    home.add("The spare key is at Ana's.")
    assert "has changed" in await home("Yes.")
    assert home.texts("note") == ["The spare key is at Ana's."]


async def test_more_than_one_listens_to_is_read_on_request(home: Home) -> None:
    for number in range(5):
        await home(f"Ana has a bicycle, number {number}.")
    said = await home("Forget everything about Ana.")
    assert "number 2." in said
    assert "number 3." not in said
    assert said.endswith("And 2 more. Say yes to erase all 5, or say go on to hear the rest first.")
    said = await home("Go on.")
    assert "number 3." in said
    assert said.endswith("number 4. That's all 5. Should I erase them?")
    await home("Erase them.")
    assert not home.holds("bicycle")


@pytest.mark.parametrize("request_", ["Forget everything.", "Forget everything you know about me.", "erase my life"])
async def test_everything_needs_a_number(home: Home, request_: str) -> None:
    home.add(HOUSEHOLD)
    await home("Add quinces to my shopping list")
    await home("I live in Porto.")
    said = await home(request_)
    (number,) = re.findall(r"Say (\d+) to erase everything\.", said)
    assert await home("Yes.") == f"A yes isn't enough for that. Say {number} to erase everything."
    assert home.texts("note")
    assert await home(f"Okay, {number}.") == "Done. I've erased everything."
    assert home.texts() == []
    assert not home.holds("Porto")
    assert not home.holds("quinces")


@pytest.mark.parametrize("answer", ["No.", "12", "set a timer for 3 minutes", "Yes."])
async def test_anything_but_the_number_keeps_everything(home: Home, answer: str) -> None:
    home.add(HOUSEHOLD)
    said = await home("Forget everything.")
    await home(answer)
    assert home.texts("note") == [HOUSEHOLD]
    if answer != "Yes.":
        await home(re.findall(r"Say (\d+)", said)[0])
        assert home.texts("note") == [HOUSEHOLD]


async def test_a_statement_to_forget_is_named_whole(home: Home) -> None:
    await home("Clara lives in Oslo.")
    assert (await home("Forget that Clara lives in Oslo.")).startswith(
        "That would permanently erase one memory about this: Clara lives in Oslo. "
    )


async def test_a_number_in_words_counts(home: Home) -> None:
    from voiceos.language.speakable import speakable

    home.add(HOUSEHOLD)
    said = await home("Forget everything.")
    await home(speakable(re.findall(r"Say (\d+)", said)[0]))
    assert home.texts() == []


async def test_forget_that_takes_only_that(home: Home) -> None:
    await home("The spare key is under the pot.")
    await home("The spare key has a red tag.", model="Under the pot, with a red tag.")
    assert await home("Forget that.") == "I've forgotten it."
    assert home.texts("said") == ["The spare key is under the pot."]


async def test_what_was_kept_can_be_taken_back_though_its_turn_was_not_kept(home: Home) -> None:
    for _ in range(2):
        await home("Remember that my pin is zebra.")
        home.db.execute("DELETE FROM turn")
        assert await home.workshop.undos[""]() == "I've forgotten that: my pin is zebra."
        assert not home.holds("zebra")
    await home("Remember that my pin is zebra.")
    home.db.execute("DELETE FROM turn")
    await home("Forget that.")
    assert not home.holds("zebra")


async def test_forget_that_after_an_answer_names_what_answered(home: Home) -> None:
    home.add("The boiler code is 4711.")
    await home("The spare key is under the pot.")
    await home("Where is the spare key?", model="Under the pot.")
    said = await home("Forget that.")
    assert said == "That would permanently erase this. Today you said: The spare key is under the pot. Should I?"
    await home("Yes.")
    assert not home.holds("pot")
    assert home.texts("note") == ["The boiler code is 4711."]


async def test_delete_that_is_not_about_words_after_something_was_done(home: Home) -> None:
    await home("Add milk to my shopping list")
    assert "forgotten" not in await home("Delete that")
    assert "Add milk to my shopping list" in home.texts("said")


async def test_what_was_said_yesterday(home: Home) -> None:
    await home("I had oysters.")
    home.now += timedelta(days=1)
    await home("I had figs.")
    assert "oysters" in await home("Forget what I told you yesterday.")
    await home("Yes.")
    assert not home.holds("oysters")
    assert home.holds("figs")


async def test_other_words_for_it_find_the_nearest(home: Home) -> None:
    await home("My wife is called Anna.")
    said = await home("Forget my wife's name.")
    assert "My wife is called Anna." in said
    assert "Should I?" in said
    await home("No.")
    assert await home("Forget my piano teacher.") == "I don't have anything about your piano teacher."
    assert home.holds("Anna")


async def test_own_questions_and_requests_are_no_memories(home: Home) -> None:
    await home("The boiler makes a strange noise.")
    await home("what's wrong with the boiler")
    await home("Is the boiler broken?")
    await home("Tell me about the boiler.")
    assert await home("What do you know about the boiler?") == "Today you said: The boiler makes a strange noise."
    assert await home("What did I say about the boiler?") == "Today you said: The boiler makes a strange noise."


async def test_the_rest_is_told_on_request(home: Home) -> None:
    for number in range(5):
        await home(f"The roof leaks, number {number}.")
    said = await home("What did I say about the roof?")
    assert said.endswith("number 2. And 2 more. Shall I go on?")
    assert await home("Yes, please.") == "Today you said: The roof leaks, number 3. The roof leaks, number 4."
    await home("What did I say about the roof?")
    assert await home("No.") == "All right."


async def test_a_topic_is_said_from_the_other_side(home: Home) -> None:
    assert await home("What did I say about my wife?") == "I didn't find anything about your wife."
    assert await home("What do you know about me?") == "I didn't find anything about you."


async def test_a_slip_is_corrected_in_the_next_breath(home: Home) -> None:
    await home("My dentist is Doctor Meyer.")
    assert "corrected" in await home("No, it's Doctor Okafor.")
    known = home.memory.recall("Who is my dentist?", home.now).memories
    assert not [memory for memory in known if "Meyer" in memory.text and not memory.left_out]


async def corrects(home: Home, text: str) -> str:
    """What is said to a sentence that is taken for a correction by its meaning."""
    (intent,) = [one for one in notes.make(home.workshop).intents if one.name == "notes.wrong"]
    turn = Turn("right", "c", transcript=Transcript(text))
    asked = Asked("notes.wrong", text, home.now, turn)
    said = (await intent.handle(asked)).text if intent.mine(asked) else ""
    home.memory.catch_up()
    return said


@pytest.mark.parametrize("reply", ["I'm not sure. Today you said: {cats}", "My language model is taking too long."])
@pytest.mark.parametrize("text", ["Actually Clara moved to Bergen last week.", "Clara lives in Bergen now."])
async def test_what_only_came_near_is_not_what_a_correction_is_of(home: Home, text: str, reply: str) -> None:
    cats = "My wife is called Ingrid and we have two cats, Miso and Tofu."
    await home(cats)
    await home("What's my brother's name?", model=reply.format(cats=cats))
    home.turn.recalled = home.memory.search("two cats", home.now)
    turn = Turn("beside", "c", transcript=Transcript(text))
    assert not home.memory.correct(turn, text, home.turn.recalled, "What's my wife's name?", home.now)
    assert not await corrects(home, text)
    assert await home(text) == "All right."
    known = home.memory.recall("How many cats do we have?", home.now).memories
    assert cats in [memory.text for memory in known if not memory.left_out]


async def test_a_record_that_shares_no_word_is_not_corrected(home: Home) -> None:
    await home("The spare key is under the pot.")
    told = home.memory.search("spare key", home.now)
    for text in ("Clara moved to Bergen.", "The key is under the mat."):
        home.memory.correct(Turn(text, "c", transcript=Transcript(text)), text, told, "Where is it?", home.now)
    assert home.texts("said")[1:] == ["Clara moved to Bergen.", "The key is under the mat."]
    rows = home.db.execute("SELECT text FROM record WHERE instr(extra, 'corrects')").fetchall()
    assert [row["text"] for row in rows] == ["The key is under the mat."]


@pytest.mark.parametrize("text", ["Clara lives in Bergen now", 'Clara lives in "Bergen" now'])
async def test_a_correction_is_read_back_and_kept_whole(home: Home, text: str) -> None:
    await home("My sister Clara lives in Oslo.")
    assert await corrects(home, f"{text}.") == f"Thanks. I've corrected that: {text}."
    with_facts = home.db.execute("SELECT object FROM fact WHERE predicate = 'lives in' AND denied_at IS NULL")
    assert {row["object"] for row in with_facts} <= {"Oslo", "Bergen"}
    known = home.memory.recall("Where does Clara live?", home.now).memories
    assert "Bergen" in next(memory.text for memory in known if not memory.left_out)


@pytest.mark.parametrize("home", [(calendar, person)], indirect=True)
async def test_the_calendar_leaves_to_the_memory_what_only_that_knows(home: Home) -> None:
    await home("Remember that the meeting is on 2026-12-03T15:30:00Z.")
    assert "2026-12-03" in await home("When is the meeting?")
    assert await home("When is my dentist appointment?") == "I can't find that in your calendar."


async def test_what_is_known_of_somebody_is_what_still_holds(home: Home) -> None:
    for text in ("My sister Clara lives in Oslo.", "Clara plays the cello in a quartet.", "Clara lives in Bergen now."):
        await home(text)
    said = await home("What do you know about Clara?")
    assert "Oslo" not in said
    assert said.startswith("Today you said: Clara lives in Bergen now.")
    assert all(words in said for words in ("My sister Clara.", "cello"))
    assert said.count("Today you said") == 1


async def test_what_was_said_instead_is_known_though_it_names_nobody(home: Home) -> None:
    await home("My sister Clara lives in Oslo.")
    await home("What do you know about Clara?")
    await home("No, she lives in Bergen.")
    said = await home("What do you know about my sister?")
    assert "Oslo" not in said
    assert "No, she lives in Bergen." in said


async def test_no_to_a_question_of_the_model_corrects_nothing(home: Home) -> None:
    await home("My dentist is Doctor Meyer.", model="Is he nice?")
    assert await home("No, he's grumpy.", model="Oh.") == "Oh."


async def test_what_to_note_is_asked_for(home: Home) -> None:
    assert await home("Make a note.") == "What should I remember?"
    assert await home("The spare key is under the pot.") == "I'll remember that."
    assert home.texts("said")[-1] == "The spare key is under the pot."


@pytest.mark.parametrize("text", ["Don't let me forget the cake.", "Remember to call Clara tomorrow at nine."])
async def test_something_to_do_says_that_nobody_will_be_reminded(home: Home, text: str) -> None:
    assert "haven't set a reminder" in await home(text)


async def test_something_to_do_at_a_time_is_a_reminder(home: Home) -> None:
    everything = Router(skills(home.workshop), home.workshop, now=lambda: home.now)
    for text in ("Remember to call Clara tomorrow at nine.", "Don't forget to call Clara tomorrow at nine."):
        (asked,) = everything.asked(Turn("t", "c", transcript=Transcript(text)))
        assert asked.intent == "reminders.set"
    (asked,) = everything.asked(Turn("t", "c", transcript=Transcript("Remember to water the plants.")))
    assert asked.intent == "notes.task"


async def test_where_a_sum_is_from(home: Home) -> None:
    await home("What time is it?")
    said = await home("Where did you get that?")
    assert said == "I knew what to do with that myself, without the language model."


async def test_without_a_memory_it_says_so(home: Home) -> None:
    workshop = Workshop(Config(), home.db)
    home.router = Router([notes.make(workshop)], workshop)
    with pytest.raises(StoreError) as caught:
        await home("Remember that the key is under the pot.")
    assert caught.value.spoken == "I can't reach my memory right now."


@pytest.mark.parametrize("home", [(person, calendar)], indirect=True)
@pytest.mark.parametrize(
    ("between", "right", "said", "doctor"),
    [
        (["What time is it in London?"], "No, I meant Lisbon.", r"in Lisbon\.", "Walter"),
        (["What time is it in London?"], "sorry, I meant in Lisbon", r"in Lisbon\.", "Walter"),
        (["What time is it in London?"], "I mean Lisbon", r"in Lisbon\.", "Walter"),
        (["Tell me the time in London."], "Oh no, I meant Lisbon.", r"in Lisbon\.", "Walter"),
        (["What time is it in London?"], "No, I meant what is on my calendar?", r"[Nn]othing", "Walter"),
        (
            ["What time is it in London?"],
            "No, I meant, what's on my shopping list?",
            r"nothing on your shopping",
            "Walter",
        ),
        (["Who wrote Dracula?"], "No, I meant what is on my calendar?", r"[Nn]othing", "Walter"),
        (["Who wrote Dracula?"], "No, I meant Carmilla.", r"All right\.", "Walter"),
        (["Tell me about London."], "No, I meant Lisbon.", r"All right\.", "Walter"),
        (["Who wrote Dracula?"], "No, I meant who wrote Carmilla?", r"All right\.", "Walter"),
        (["What time is it in London?"], "No, I meant a teapot.", r"All right\.", "Walter"),
        (["Add bread to my shopping list."], "No, I meant butter.", r"butter", "Walter"),
        (["What time is it?", "Who wrote Dracula?"], "No, it's Peter.", r"All right\.", "Walter"),
        ([], "No, I meant Peter.", r"corrected that: Peter", "Peter"),
        (["What is my doctor's name?"], "No, I meant Peter.", r"corrected that: Peter", "Peter"),
        (["What is my doctor's name?"], "No, I meant what time is it in Lisbon?", r"in Lisbon\.", "Walter"),
    ],
)
async def test_only_what_was_said_last_is_corrected(
    home: Home, between: list[str], right: str, said: str, doctor: str
) -> None:
    for words in ("My doctor's name is Walter.", *between):
        await home(words)
    assert re.search(said, await home(right))
    assert [fact.object for fact in lookup.facts_about(home.db, ["doctor"])] == [doctor]
