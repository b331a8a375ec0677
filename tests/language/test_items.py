"""What is put on a list: several in one breath, with amounts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.language.items import Item, is_goods, is_task, items_in, key_of, said_item, together


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("salt, pepper and two loaves of bread", "salt | pepper | 2 loaves of bread"),
        ("two litres of milk and a dozen eggs", "2 litres of milk | 12 eggs"),
        ("half a pound of butter", "half a pound of butter"),
        ("half an ounce of saffron", "half an ounce of saffron"),
        ("half a dozen eggs", "6 eggs"),
        ("twenty five eggs and another six eggs", "25 eggs | 6 eggs"),
        ("one point five litres of cola", "1.5 litres of cola"),
        ("1,5 litres of oil", "1.5 litres of oil"),
        ("a pound and a half of butter", "1.5 pounds of butter"),
        ("two hundred and fifty grams of flour", "250 grams of flour"),
        ("1/2 litre of cream", "half a litre of cream"),
        ("a couple of lemons", "2 lemons"),
        ("milk, two litres", "2 litres of milk"),
        ("milk 2 litres, flour 500g", "2 litres of milk | 500 grams of flour"),
        ("2 cans tomatoes", "2 cans of tomatoes"),
        ("a can opener", "can opener"),
        ("a 5 litre bottle of water", "5 litre bottle of water"),
        ("two bottles", "2 bottles"),
        ("fish and chips", "fish and chips"),
        ("mac and cheese and two litres of milk", "mac and cheese | 2 litres of milk"),
        ("bacon & eggs", "bacon | eggs"),
        ("milk eggs and bread", "milk | eggs | bread"),
        ("almond milk and orange juice", "almond milk | orange juice"),
        ("some cheese and more cat food please", "cheese | cat food"),
        ("flour if it's not already on it", "flour"),
        ("7 up", "7 up"),
        ("two", ""),
        ("and", ""),
        ("", ""),
    ],
)
def test_things_with_their_amounts(text: str, items: str) -> None:
    assert " | ".join(map(said_item, items_in(text))) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("call mum and dad", ["call mum and dad"]),
        ("buy flowers and call mum", ["buy flowers", "call mum"]),
        ("pay the bill, wash the car, and phone Anna", ["pay the bill", "wash the car", "phone Anna"]),
    ],
)
def test_things_to_do_are_parted_at_verbs(text: str, items: list[str]) -> None:
    assert [item.name for item in items_in(text, tasks=True)] == items


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Item("egg", 1), Item("eggs", 6), Item("eggs", 7)),
        (Item("milk"), Item("milk", 2, "litre"), Item("milk", 2, "litre")),
        (Item("flour", 500, "gram"), Item("flour", 1, "kilogram"), Item("flour", 1500, "gram")),
        (Item("flour", 1, "kilogram"), Item("flour", 500, "gram"), Item("flour", 1.5, "kilogram")),
        (Item("flour", 1, "kilogram"), Item("flour", 1, "bag"), None),
        (Item("flour", 1, "kilogram"), Item("flour", 1, "pound"), None),
    ],
)
def test_amounts_are_added_up_where_units_agree(one: Item, other: Item, both: Item | None) -> None:
    assert together(one, other) == both


def test_names_of_the_same_thing_have_one_key() -> None:
    assert key_of("Egg") == key_of("the eggs")
    assert key_of("brown eggs") != key_of("eggs")


@pytest.mark.parametrize("text", ["milk", "cat food", "two litres of something", "olive oil and bread", "AA batteries"])
def test_what_is_bought(text: str) -> None:
    assert is_goods(text)


@pytest.mark.parametrize("text", ["call anna", "five and seven", "a meeting", "the lights", ""])
def test_what_is_not_bought(text: str) -> None:
    assert not is_goods(text)


def test_what_is_to_be_done() -> None:
    assert is_task("call Anna")
    assert not is_task("call")
    assert not is_task("apples")


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    for item in items_in(text):
        assert item.name.strip()
        assert item.amount is None or item.amount > 0
        assert said_item(item)
        assert key_of(item.name)
