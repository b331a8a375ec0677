"""Lists by voice: what is understood (`lists.tsv`: sentence, intent, list, things), and whole conversations."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from voiceos.config.settings import Config
from voiceos.language.items import items_in, key_of, said_item
from voiceos.mind.router import Router
from voiceos.skills.grammar import Grammar
from voiceos.skills.lists import words as list_words
from voiceos.skills.registry import skills
from voiceos.skills.skill import Workshop
from voiceos.store import lists as store
from voiceos.store.acts import receipts
from voiceos.store.database import Connection, open_database
from voiceos.store.lists import Entry

pytestmark = pytest.mark.anyio
MODEL = "(the model answers)"
ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("lists.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if line
]
TO_BUY = "milk, eggs, bread, butter, bananas, sugar, olive oil"
TO_DO = "call the dentist, call mum, mow the lawn"


@pytest.fixture(scope="module")
def grammar(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All skills, with some things on two lists: "I've got the milk" is about a list only if milk is on one."""
    db = open_database(tmp_path_factory.mktemp("lists") / "memory.db")
    store.add(db, "shop", "shopping", items_in(TO_BUY), NOON, "owner")
    store.add(db, "to do", "to-do", items_in(TO_DO, tasks=True), NOON, "owner")
    yield Grammar(skills(Workshop(Config(), db)))
    db.close()


NOON = datetime(2026, 11, 29, 12).astimezone()


@pytest.mark.parametrize(("sentence", "intent", "named", "things"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_understood(grammar: Grammar, sentence: str, intent: str, named: str, things: str) -> None:
    match = grammar.match(sentence, NOON)
    if intent == "-":
        assert not match or not match.intent.startswith("lists.")
        return
    assert match
    assert match.intent == intent
    of = match.slots.get("list", "")
    of = "" if list_words.fits("pronoun", of) else list_words.synonyms().get(key_of(of), of)
    assert of.lower() == named
    words = next(
        (
            match.slots[slot]
            for slot in ("items", "bare", "loose", "goods", "item", "held", "need")
            if slot in match.slots
        ),
        "",
    )
    found = items_in(words, tasks=named == "to-do")
    wanted = items_in(things, tasks=named == "to-do")
    assert [(key_of(one.name), one.amount, one.unit) for one in found] == [
        (key_of(one.name), one.amount, one.unit) for one in wanted
    ]


def on(db: Connection, key: str) -> list[str]:
    listing = store.listing(db, key)
    return [said_item(entry.item) for entry in store.entries(db, listing.id)] if listing else []


async def test_several_things_with_amounts_are_added_and_read_back(talk: Any, db: Connection) -> None:
    said = await talk("Add salt, pepper and two loaves of bread to my shopping list.")
    assert said == "I've started your shopping list with salt, pepper and 2 loaves of bread."
    assert await talk("What's on it?") == "You have 3 things on your shopping list: salt, pepper and 2 loaves of bread."
    (receipt,) = receipts(db)
    assert receipt.arguments == {"list": "shopping", "items": ["salt", "pepper", "2 loaves of bread"]}


@pytest.mark.parametrize(
    "text",
    [
        "And pasta too on the list.",
        "pasta on the list as well",
        "add pasta too on the list",
        "put pasta on the list too",
    ],
)
async def test_the_list_is_no_name(talk: Any, db: Connection, text: str) -> None:
    await talk("add milk to the shopping list")
    assert await talk(text) == "I've added pasta to your shopping list."
    assert len(store.listings(db)) == 1


async def test_some_is_some_of_what_was_spoken_of(talk: Any) -> None:
    await talk("is there butter on the shopping list?")
    assert await talk("then add some") == "I've started your shopping list with butter."


async def test_what_was_put_on_a_list_once_is_told(talk: Any) -> None:
    await talk("add milk, eggs and tea to the shopping list")
    await talk("undo that")
    await talk("add milk, eggs and bread to the shopping list")
    await talk("take the eggs off the list")
    await talk("I've bought milk")
    talk.clock[0] += timedelta(days=7)
    await talk("add apples to the shopping list")
    assert await talk("What did I put on the shopping list last week?") == (
        "Last week you put milk, eggs and bread on your shopping list."
    )
    assert await talk("what was on my shopping list yesterday") == (
        "I have no record of anything that you put on your shopping list yesterday."
    )


async def test_what_is_only_thought_of_is_not_spoken_of(talk: Any) -> None:
    """The reply to half a sentence may be thrown away."""
    await talk("add milk to the shopping list")
    await talk("add call Clara to the to-do list")
    await talk("what's on the shopping list")
    await talk("what's on the to-do list", commit=False)
    assert await talk("add eggs to it") == "I've added eggs to your shopping list."


async def test_the_same_thing_is_on_it_once_and_amounts_add_up(talk: Any, db: Connection) -> None:
    await talk("add milk and a dozen eggs to my shopping list")
    assert await talk("add milk") == "You already have milk on your shopping list."
    assert await talk("add six eggs") == "I've added 6 eggs to your shopping list. That makes 18 eggs."
    await talk("add 500 grams of flour and a kilo of flour")
    await talk("add a bag of flour")
    assert on(db, "shop") == ["milk", "18 eggs", "1500 grams of flour", "1 bag of flour"]
    assert len(receipts(db)) == 4, "what was there already is no act"


async def test_a_question_never_adds(talk: Any, db: Connection) -> None:
    for question in ("Is milk on my shopping list?", "Do we need milk?", "is milk on it", "did I put milk on the list"):
        assert "milk" in await talk(question)
    assert store.listings(db) == []
    assert receipts(db) == []


async def test_a_thrown_away_turn_adds_nothing(talk: Any, db: Connection) -> None:
    assert await talk("add milk to my shopping list", commit=False) == ""
    assert store.listings(db) == []


async def test_it_is_the_list_spoken_of_last_on_this_device(talk: Any) -> None:
    await talk("add milk to my shopping list", device="kitchen")
    await talk("add towels to my packing list", device="hall")
    assert "milk" in await talk("what's on it", device="kitchen")
    assert "towels" in await talk("what's on it", device="hall")
    assert await talk("add socks to it", device="hall") == "I've added socks to your packing list."
    assert await talk("what's on it", device="attic") == (
        "Which list do you mean: your shopping list or your packing list?"
    )
    assert "towels" in await talk("packing", device="attic")


async def test_the_list_spoken_of_long_ago_is_not_it(talk: Any) -> None:
    await talk("add towels to my packing list")
    talk.clock[0] += timedelta(hours=1)
    assert await talk("add milk") == "I've started your shopping list with milk."


async def test_where_no_list_is_named_it_asks_unless_it_is_bought(talk: Any, db: Connection) -> None:
    assert await talk("add call the plumber") == "To which list?"
    assert await talk("to-do") == "I've started your to-do list with call the plumber."
    assert await talk("add milk") == "I've started your shopping list with milk."
    assert on(db, "to do") == ["call the plumber"]


async def test_the_answer_to_which_list_may_be_a_new_one_and_is_checked(talk: Any, db: Connection) -> None:
    await talk("add tent pegs")
    assert await talk("camping") == "Should I start a camping list?"
    assert await talk("no") == "Okay, I've changed nothing."
    assert store.listings(db) == []
    await talk("add tent pegs")
    await talk("camping")
    assert await talk("yes") == "I've started your camping list with tent pegs."


async def test_a_list_is_made_when_first_named_unless_it_sounds_like_another(talk: Any, db: Connection) -> None:
    await talk("add milk to my shopping list")
    assert await talk("add crisps to the chopping list") == "Do you mean your shopping list?"
    assert await talk("yes") == "I've added crisps to your shopping list."
    assert await talk("add sunscreen to my holiday list") == "I've started your holiday list with sunscreen."
    assert await talk("what's on my hoiday list") == "You have one thing on your holiday list: sunscreen."
    assert await talk("what lists do I have") == "You have 2 lists: shopping with 2 things and holiday with one thing."


async def test_what_is_missing_is_asked_for(talk: Any, db: Connection) -> None:
    assert await talk("add something to my shopping list") == "What should I add?"
    assert await talk("bananas and apples") == "I've started your shopping list with bananas and apples."
    await talk("add something to my shopping list")
    assert await talk("what's on my shopping list") == "You have 2 things on your shopping list: bananas and apples."
    assert await talk("create a list") == "What should I call it?"
    assert await talk("garden") == "I've started your garden list."


async def test_ticking_off(talk: Any, db: Connection) -> None:
    await talk("add milk, eggs and bread to my shopping list")
    await talk("add call the dentist to my to-do list")
    assert await talk("I've got the milk") == "I've ticked off milk. There are 2 things left."
    assert await talk("is milk on my shopping list") == "Not any more. You ticked off milk on your shopping list."
    assert await talk("tick off the eggs and the cheese") == (
        "I've ticked off eggs. There's one thing left. You don't have cheese on it."
    )
    assert await talk("got the bread") == "I've ticked off bread. That was the last thing on your shopping list."
    assert await talk("I've called the dentist") == (
        "I've ticked off call the dentist. That was the last thing on your to-do list."
    )
    assert await talk("I've got a headache") == MODEL
    assert await talk("add milk to my shopping list") == "I've added milk to your shopping list."
    assert on(db, "shop") == ["milk"]


async def test_taking_off(talk: Any, db: Connection) -> None:
    await talk("add free-range eggs, brown eggs and milk to my shopping list")
    assert await talk("remove wine from the list") == "You don't have wine on your shopping list."
    assert await talk("take eggs off the list") == (
        "There's more than one: free-range eggs and brown eggs. Which one do you mean?"
    )
    assert await talk("brown eggs") == "I've taken brown eggs off your shopping list."
    assert await talk("remove the last item from my shopping list") == "I've taken milk off your shopping list."
    assert on(db, "shop") == ["free-range eggs"]
    assert [receipt.act for receipt in receipts(db)] == ["lists.remove", "lists.remove", "lists.add"]


async def test_clearing_asks_first(talk: Any, db: Connection) -> None:
    await talk("add milk, eggs and bread to my shopping list")
    assert await talk("clear my shopping list") == "Should I clear all 3 things off your shopping list?"
    assert await talk("no") == "Okay, I've changed nothing."
    await talk("clear my shopping list")
    assert await talk("what's the capital of France") == MODEL
    assert await talk("yes") == "Yes to what?", "a yes to something else"
    assert len(on(db, "shop")) == 3
    await talk("clear my shopping list")
    assert await talk("Yes, please.") == "I've cleared your shopping list."
    assert await talk("clear my shopping list") == "There's nothing on your shopping list."
    await talk("add towels to my packing list")
    assert await talk("delete my packing list") == "Should I delete your packing list, with one thing on it?"
    assert await talk("yes") == "I've deleted your packing list."
    assert await talk("what's on my packing list") == "You don't have a packing list."


async def test_a_long_list_is_read_in_parts(talk: Any, db: Connection) -> None:
    await talk(f"add {', '.join(f'thing {number}' for number in range(1, 14))} to my packing list")
    assert await talk("read my packing list") == (
        "You have 13 things on your packing list: thing 1, thing 2, thing 3, thing 4, thing 5, and 8 more."
        " Shall I go on?"
    )
    assert await talk("yes") == "thing 6, thing 7, thing 8, thing 9, thing 10, and 3 more. Shall I go on?"
    assert await talk("go on") == "thing 11, thing 12 and thing 13. That's all."
    await talk("read my packing list")
    assert await talk("no") == "Okay."


async def test_every_change_can_be_taken_back(talk: Any, db: Connection) -> None:
    undo = lambda: talk.workshop.undos[""]()  # noqa: E731
    await talk("add milk and 2 eggs to my shopping list")
    await talk("add 4 eggs and jam")
    assert await undo() == "I've taken that back: 4 eggs and jam."
    assert on(db, "shop") == ["milk", "2 eggs"]
    await talk("I've got the milk")
    assert await undo() == "I've put milk back on your shopping list."
    await talk("remove eggs from the list")
    await undo()
    assert on(db, "shop") == ["milk", "2 eggs"]
    await talk("clear my shopping list")
    await talk("yes")
    await undo()
    assert on(db, "shop") == ["milk", "2 eggs"]
    await talk("delete my shopping list")
    await talk("yes")
    await undo()
    assert on(db, "shop") == ["milk", "2 eggs"]
    await talk("add towels to my packing list")
    await undo()
    assert [one.name for one in store.listings(db)] == ["shopping"]


async def test_a_list_of_5000_things(talk: Any, db: Connection) -> None:
    store.add(db, "shop", "shopping", items_in("milk"), talk.clock[0], "owner")
    listing = store.listing(db, "shop")
    assert listing
    with store.transaction(db):
        db.executemany(
            "INSERT INTO list_item (list_id, key, name, unit, who, added_at) VALUES (?, ?, ?, '', 'owner', 0)",
            [(listing.id, f"thing {number}", f"thing {number}") for number in range(5_000)],
        )
    assert (await talk("what's on my shopping list")).endswith("and 4996 more. Shall I go on?")
    assert await talk("is thing 4711 on my shopping list") == "Yes, you have thing 4711 on your shopping list."
    assert await talk("tick off thing 4711") == "I've ticked off thing 4711. There are 5000 things left."
    assert await talk("clear it") == MODEL
    assert await talk("clear the list") == "Should I clear all 5000 things off your shopping list?"
    assert await talk("yes") == "I've cleared your shopping list."


async def test_that_thing_and_one_of_the_lists(talk: Any, db: Connection) -> None:
    await talk("add milk to list")
    await talk("add jam to my shopping list")
    assert await talk("remove that item from my list") == "I've taken jam off your shopping list."
    assert await talk("I don't want my shopping list any more") == (
        "Should I delete your shopping list, with one thing on it?"
    )
    assert await talk("no") == "Okay, I've changed nothing."
    assert await talk("create a new list of pending bills") == "I've started your pending bills list."


async def test_a_timer_with_the_name_of_a_list_is_no_list(talk: Any, db: Connection) -> None:
    await talk("add milk to my shopping list")
    for sentence in ("cancel the shopping list timer", "how long is the shopping list timer"):
        assert "your shopping list" not in await talk(sentence)
    assert on(db, "shop") == ["milk"]


async def test_a_store_that_is_gone_is_told(talk: Any, db: Connection) -> None:
    await talk("add milk to my shopping list")
    db.execute("DROP TABLE list_item")
    assert await talk("add eggs to my shopping list") == "I can't save that now. My storage is full or broken."


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("x on the shopping list please", "What should I add?"),
        ("some more milk for the shopping list", "I've started your shopping list with milk."),
        ("some more milk for the party list", "To which list?"),
        ("may I suggest we put paper towels on the list", "What should I add?"),
        ("we have far too many eggs, get the shopping list rid of them", MODEL),
        ("is milk what the list says", MODEL),
        ("I wonder about milk", MODEL),
    ],
)
async def test_what_the_judge_takes_for_adding_is_never_guessed(
    talk: Any, db: Connection, sentence: str, said: str
) -> None:
    talk.router = Router(skills(talk.workshop), talk.workshop, judge=lambda _: ("lists.add",), now=lambda: NOON)
    assert await talk(sentence) == said
    assert on(db, "shop") == (["milk"] if "started" in said else [])


async def test_what_the_judge_takes_for_reading_reads_a_known_list(talk: Any, db: Connection) -> None:
    await talk("add call Ana to my to-do list and add milk to my shopping list")
    talk.router = Router(skills(talk.workshop), talk.workshop, judge=lambda _: ("lists.read",), now=lambda: NOON)
    assert await talk("my to-do list, all of it, in full") == "You have one thing on your to-do list: call Ana."
    assert await talk("so about doing things to do") == MODEL


def test_a_change_is_taken_back_only_where_nothing_else_changed(db: Connection) -> None:
    now = NOON
    added = store.add(db, "shop", "shopping", items_in("2 eggs"), now, "owner")
    more = store.add(db, "shop", "shopping", items_in("4 eggs"), now, "owner")
    entry: Entry = more.entries[0]
    store.remove(db, [entry])
    store.take_back(db, more)
    assert on(db, "shop") == [], "somebody else has taken it off since"
    store.take_back(db, added)
    assert store.listings(db) == []
