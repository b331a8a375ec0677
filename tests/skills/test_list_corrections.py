"""What was added to a list is corrected, and more is added, in the next sentence."""

import pytest

from tests.skills.conftest import MODEL, Talk

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("turns", "there"),
    [
        (["add milk to the shopping list", "no, oat milk"], "oat milk"),
        (["add milk and eggs to the shopping list", "no, oat milk"], "oat milk and eggs"),
        (["add milk to the shopping list", "actually two of them"], "2 milk"),
        (["add bread to the shopping list", "make it three loaves"], "3 loaves of bread"),
        (["add eggs, butter and tea to my list", "not eggs"], "butter and tea"),
        (["add eggs and butter to my list", "not butter, margarine"], "eggs and margarine"),
        (["add tea and milk to my list", "sorry, coffee instead of tea"], "coffee and milk"),
        (["add tea to my list", "no wait I meant coffee", "undo that"], "tea"),
        (["add tea to my list", "oh and nappies", "and some bread"], "tea, nappies and bread"),
        (["add tea to my list", "jam as well"], "tea and jam"),
        (["add butter and eggs to my list", "add two more"], "butter and 2 eggs"),
        (["add six eggs to my list", "two more of them please", "and add another three"], "11 eggs"),
        (["add six eggs to my list", "add two more", "undo that"], "6 eggs"),
        (["we're out of butter", "yes"], "butter"),
        (["we need milk", "yes please", "and eggs"], "milk and eggs"),
        (["add tea to my list", "we need milk", "no"], "tea"),
        (["add two litres of milk to my list", "actually make it soya milk"], "2 litres of soya milk"),
        (["Add salt to the shopping list, no wait, pepper."], "pepper"),
        (["add tea and salt, no wait, pepper to my list"], "tea and pepper"),
        (["Add salt, sorry, I meant pepper."], "pepper"),
        (["add tea and oat milk to my list, actually, soya milk"], "tea and soya milk"),
        (["add a no bake cheesecake to my list"], "no bake cheesecake"),
        (["add six eggs to my list", "what time is it", "are there eggs on my list", "add two more"], "8 eggs"),
        (
            [
                "add string and four torches to my list",
                "Remove the string and how many torches are on it?",
                "Add two more",
            ],
            "6 torches",
        ),
        (["add six eggs to my list", "remove the eggs", "Add two more.", "torches"], "2 torches"),
        (["add flour to my list", "add milk, eggs and no more flour to my list"], "milk and eggs"),
        (["add flour to my list", "put milk, eggs and no flour on my list", "undo that"], "flour"),
        (["add to my list", "butter, but no margarine"], "butter"),
        (["add flour and tea to my list", "add no more flour to my list"], "tea"),
        (["add brown sugar to my list", "Not brown, white."], "white sugar"),
        (["Add brown sugar. Not brown, white."], "white sugar"),
        (["add two bottles of red wine and tea to my list. No, not red, white."], "2 bottles of white wine and tea"),
        (["add chicken stock to my list", "vegetable instead of chicken"], "vegetable stock"),
        (["add green tea to my list", "not tea, coffee"], "coffee"),
        (
            ["put passport on my packing list", "put tea on my shopping list", "move the passport to my shopping list"],
            "tea and passport",
        ),
        (
            ["put tea and passport on my packing list", "move everything from my packing list to my shopping list"],
            "tea and passport",
        ),
        (
            [
                "put two torches on my packing list",
                "add tea to my list",
                "move it to the packing list",
                "move it and the torches to my shopping list",
                "undo that",
                "move the torches over to groceries",
            ],
            "2 torches",
        ),
    ],
)
async def test_the_next_sentence_corrects(talk: Talk, turns: list[str], there: str) -> None:
    for text in turns:
        await talk(text)
    assert (await talk("what's on my shopping list")).endswith(f"on your shopping list: {there}.")


@pytest.mark.parametrize("text", ["and what about friday", "no, it's raining in the garden today", "not really sure"])
async def test_what_is_no_correction_changes_nothing(talk: Talk, text: str) -> None:
    await talk("add tea to my list")
    await talk(text)
    assert (await talk("what's on my shopping list")).endswith(": tea.")


async def test_more_of_nothing_is_asked_about(talk: Talk) -> None:
    assert await talk("Add two more.") == "Two more of what?"
    assert await talk("what's on my shopping list") == "There's nothing on your shopping list."


async def test_only_what_was_just_added_is_corrected(talk: Talk) -> None:
    await talk("add tea to my list")
    await talk("what time is it")
    assert await talk("no, oat milk") == MODEL


@pytest.mark.parametrize(
    ("text", "reply", "there"),
    [
        ("Remove everything except the walnuts.", "I've taken milk and eggs off your shopping list.", "walnuts"),
        ("clear my list but keep milk and eggs", "I've taken walnuts off your shopping list.", "milk and eggs"),
        ("delete everything but the eggs from my list", "I've taken milk and walnuts off your shopping list.", "eggs"),
        ("tick off everything except the milk", "I've ticked off eggs and walnuts. There's one thing left.", "milk"),
        (
            "remove everything except the tea and the milk",
            "You don't have tea on your shopping list, so I've changed nothing.",
            "milk, eggs and walnuts",
        ),
        ("remove everything except the tea", MODEL, "milk, eggs and walnuts"),
    ],
)
async def test_all_but_some_is_taken_off(talk: Talk, text: str, reply: str, there: str) -> None:
    await talk("add milk, eggs and walnuts to my list")
    assert await talk(text) == reply
    assert (await talk("what's on my shopping list")).endswith(f"on your shopping list: {there}.")
