"""A reply is cut into spoken units early, sensibly, and the same however it streams in."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.dialogue.clauses import LONG_CHARACTERS, ClauseCutter


def cut(*pieces: str) -> list[str]:
    cutter = ClauseCutter()
    return [unit for piece in pieces for unit in cutter.feed(piece)] + cutter.flush()


REST = " The rest is a sentence of its own."

WHOLE = [  # never cut inside, once the first unit is over
    "It costs 3.5 or 1,000 at 10:30 in all the shops here.",
    "We met Dr. Smith and Mrs. Jones in the town of St. Ives.",
    "Many fruits, e.g. Apples and pears, i.e. Pome fruits, are good.",
    "He lives in the U.S. Capitol or so they say to everyone.",
    "The train leaves at 7 a.m. Monday and at 9 p.m. Tuesday.",
    "It was written by J. R. R. Tolkien a long time ago.",
    "He wrote No. 5 and p. 7 and fig. 3 in a single winter.",
    "It is at https://example.com/a.b?c=d,e;f and also at www.example.com now.",
    "Run `make test. Then. Stop` and wait until it is done.",
    "He thought about it ... and then he went home again…and slept.",
    'She said "Come here!" and "Why?" to everybody in the room.',
    "It is Nov. 22 today, or Jan. 3 if you ask somebody else.",
    "See [this page. It. Is. Good](http://example.com/a) for what it means.",
    "Yahoo! is a company (founded in 1994. Or 1995.) that is old.",
    "Version 3.2.1 of node.js works with Python 3.11.4 and up.",
    "The firm Acme Inc. Denver sells vitamin C. Vitamins at all.",
]


@pytest.mark.parametrize("sentence", WHOLE)
def test_a_sentence_stays_whole(sentence: str) -> None:
    assert cut("Here we go now. " + sentence + REST)[1:] == [sentence, REST.strip()]


TABLES: list[tuple[str, list[str]]] = [
    ("Sure, I can do that.", ["Sure,", "I can do that."]),
    ("Sure thing, I can do that for you.", ["Sure thing,", "I can do that for you."]),
    ("I can; you cannot.", ["I can; you cannot."]),
    ("Well then my friend: let us go.", ["Well then my friend:", "let us go."]),
    ("Well then - let us go.", ["Well then -", "let us go."]),
    ("Hello there—my friend.", ["Hello there—", "my friend."]),
    ("Yes. Of course I can do that.", ["Yes.", "Of course I can do that."]),
    ("It was him. No. It was not. I am sure about that.", ["It was him.", "No. It was not. I am sure about that."]),
    (
        "The tallest mountain in the whole wide world is Mount Everest and it is very high",
        ["The tallest mountain", "in the whole wide world is", "Mount Everest and it is very high"],
    ),
    ("The capital of New York State is Albany.", ["The capital of New York State", "is Albany."]),
    ("There are nine hens at home.", ["There are nine hens", "at home."]),
    ("1. Eggs\n2. Milk", ["1. Eggs", "2. Milk"]),
    ("Buy:\n\n- eggs\n- milk, whole\n* bread\n\nDone", ["Buy:", "- eggs", "- milk, whole", "* bread", "Done"]),
    ("# Title\nAnd the text.", ["# Title", "And the text."]),
    ("A line that is\nwrapped in its midst. Then more.", ["A line that is", "wrapped in its midst.", "Then more."]),
    ("First of all.\n\n---\n\nSecond.", ["First of all.", "Second."]),
    ("See this:\n```py\na = 1. B\n\nb\n```\nThat is it.", ["See this:", "```py\na = 1. B\n\nb\n```", "That is it."]),
    ("It is me. ```\nnever closed. Ever.\n\nx", ["It is me.", "```\nnever closed. Ever.\n\nx"]),
    ('"Go home now." Then he left the house.', ['"Go home now."', "Then he left the house."]),
    (
        "你好，今天天气很好。你想出去走走吗？我们一起去公园吧！好。",
        ["你好，今天天气很好。", "你想出去走走吗？", "我们一起去公园吧！", "好。"],
    ),
    ("これは良いです。「はい。」と言いました。", ["これは良いです。", "「はい。」と言いました。"]),
    ("¿Qué tal estás? ¡Muy bien, gracias a todos!", ["¿Qué tal estás?", "¡Muy bien, gracias a todos!"]),
    ("كيف حالك اليوم؟ أنا بخير والحمد لله.", ["كيف حالك اليوم؟", "أنا بخير والحمد لله."]),
    (
        "I was born in the U.S. It is a big country. The end.",
        ["I was born", "in the U.S.", "It is a big country.", "The end."],
    ),
    ("See you at 7 p.m. The door is open.", ["See you at 7 p.m.", "The door is open."]),
    ("This is great! 😀 And more of it.", ["This is great!", "😀 And more of it."]),
    ("What is it?! Nobody here knows.", ["What is it?!", "Nobody here knows."]),
    ("", []),
    (" \n\n ", []),
    ("...", []),
    ("Yes", ["Yes"]),
]


@pytest.mark.parametrize(("text", "units"), TABLES)
def test_a_reply_is_cut(text: str, units: list[str]) -> None:
    assert cut(text) == units
    assert cut(*text) == units


def test_the_first_clause_is_out_with_its_comma() -> None:
    cutter = ClauseCutter()
    assert cutter.feed("The sky is blue") == []
    assert cutter.feed(",") == ["The sky is blue,"]
    assert cutter.feed(" because of the way light scatters.") == []
    assert cutter.feed(" It") == ["because of the way light scatters."]


def test_a_long_sentence_is_cut_at_clauses() -> None:
    clause = "and then they all went up the hill to see the moon, "
    units = cut("And so it began. " + clause * 12 + "the end.")
    assert all(len(unit) <= LONG_CHARACTERS for unit in units)
    assert all(unit.endswith((",", ".")) for unit in units[1:])


def test_a_long_sentence_without_clauses_is_cut_between_words() -> None:
    units = cut("word " * 400)
    assert max(map(len, units)) <= LONG_CHARACTERS + 5
    assert " ".join(units).split() == ["word"] * 400


def test_a_cutter_can_be_used_again() -> None:
    cutter = ClauseCutter()
    cutter.feed("Hello there, my friend")
    assert cutter.flush() == ["my friend"]
    assert cutter.feed("Hello there, my friend") == ["Hello there,"]


@pytest.mark.parametrize("text", ["(" * 20_000, "a." * 10_000, "```" + "a. B\n" * 4000, "[a, " * 5000, "`a. " * 5000])
def test_hostile_text_is_cut_in_linear_time(text: str) -> None:
    began = time.process_time()
    cut(*text)
    assert time.process_time() - began < 3


SNIPPETS = st.sampled_from(
    'word Word 3.5 Dr. e.g. U.S. The and 1. - ``` ` [ ]( ) ( — 。 ， 你好 http://a.b/c,d " … ! , ; é 😀 \u200b'.split()
    + "   |\n|\n\n|. |, |? | ".split("|")
)
TEXTS = st.one_of(st.lists(SNIPPETS, max_size=60).map("".join), st.text(max_size=200))


@given(TEXTS, st.data())
def test_the_units_do_not_depend_on_how_the_text_streams_in(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    pieces = [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
    units = cut(text)
    assert cut(*pieces) == units
    assert cut(*text) == units


@given(TEXTS)
def test_the_units_hold_all_the_words_and_end_with_words(text: str) -> None:
    units = cut(text)
    assert re.findall(r"\w", "".join(units)) == re.findall(r"\w", text)
    assert all(unit == unit.strip() and unit for unit in units)
    at = 0
    for unit in units:
        at = text.index(unit, at) + len(unit)
        assert not (at < len(text) and text[at - 1].isalnum() and text[at].isalnum())
