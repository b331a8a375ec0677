"""What was written becomes what can be spoken, whatever was written."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.language.speakable import LONGEST_TEXT, speakable

MARKUP = [
    ("# A title", "A title"),
    ("## A title ##\n\nText", "A title. Text"),
    ("Some **bold**, *italic*, ***both*** and ~~struck~~ words", "Some bold, italic, both and struck words"),
    ("__init__ and snake_case", "init and snake case"),
    ("**an open start", "an open start"),
    ("- one\n- two\n* three", "one. two. three"),
    ("1. Eggs\n2. Milk", "1, Eggs. 2, Milk"),
    ("> quoted\n> again", "quoted. again"),
    ("| a | b |\n|---|---|\n| c | d |", "a, b. c, d"),
    ("|:---|---:|", ""),
    ("[the docs](https://example.com/a(b)c)", "the docs"),
    ("![a cat](cat.png)", "a cat"),
    ("[text][ref]\n\n[ref]: http://a.com", "text"),
    ("Water[^1] is wet [2].", "Water is wet."),
    ("- [x] done", "done"),
    ("Use `make test` now", "Use make test now"),
    ("Do this:\n```sh\nrm -rf x\n```\nDone", "Do this: Done"),
    ("```\nnever closed", ""),
    ("---", ""),
    ("<b>Hi</b> there<br>friend", "Hi there friend"),
    ("<script>alert(1)</script>Hi", "Hi"),
    ("Salt &amp; pepper&nbsp;&lt; 3", "Salt and pepper less than 3"),
    (r"\(x^2\) and \[\sqrt{y}\]", "x squared and the square root of y"),
    (r"$a = b^2$", "a equals b squared"),
    (r"It is \alpha \times 3", "It is alpha times 3"),
    ("Hi 😀👨‍👩‍👧 there 🇩🇪", "Hi there"),
    ("Press 1️⃣", "Press 1"),
    ("😀", ""),
    ("a\x00b\x1b[0m\u200bc\ufeff", "abc"),
    ("𝐛𝐨𝐥𝐝", "bold"),
    ("\ud800 lone", "lone"),
    ("Wow!!! What??? Really?!", "Wow! What? Really?"),
    ("“Well” … he’s here...", "Well, he's here."),
    ("yes—no – maybe - so", "yes, no, maybe, so"),
    ("a (small) thing", "a, small, thing"),
    ("?!", ""),
    ("", ""),
]
ADDRESSES = [
    ("See https://www.example.com/a?b=c, now.", "See example dot com, now."),
    ("<https://my-site.org>", "my dash site dot org"),
    ("http://" + "x" * 90 + ".com", "a link"),
    ("Ask bob.x@mail.com.", "Ask bob dot x at mail dot com."),
    ("Go to docs.python.org/3/ now", "Go to docs dot python dot org now"),
    ("Open main.py", "Open main dot py"),
    ("Use node.js", "Use node dot js"),
]
NUMBERS = [
    ("5 km/h", "5 kilometers per hour"),
    ("20 °C or 68°F", "20 degrees Celsius or 68 degrees Fahrenheit"),
    ("a 90° turn", "a 90 degrees turn"),
    ("3.5 kg, 1 kg", "3.5 kilograms, 1 kilogram"),
    ("a 16-ounce or 16-oz cup", "a 16-ounce or 16 ounce cup"),
    ("5'10\"", "5 foot 10"),
    ("6 ft", "6 feet"),
    ("100 m²", "100 square meters"),
    ("50%", "50 percent"),
    ("5G", "5G"),
    ("5 in the box", "5 in the box"),
    ("$3.50", "3 dollars and 50 cents"),
    ("$1, £1.01, $0.99", "1 dollar, 1 pound and 1 penny, 99 cents"),
    ("€20 or 20 €", "20 euros or 20 euros"),
    ("$3.5 million", "3.5 million dollars"),
    ("$5-$10", "5 to 10 dollars"),
    ("$1,234.00", "1,234 dollars"),
    ("at 14:30", "at fourteen thirty"),
    ("7:05 am", "seven oh five AM"),
    ("10:00", "10 o'clock"),
    ("7 a.m. sharp", "7 AM sharp"),
    ("at 00:00", "at midnight"),
    ("a 16:9 screen", "a 16 to 9 screen"),
    ("2026-11-22", "November 22nd, 2026"),
    ("22/11/2026", "November 22nd, 2026"),
    ("11/22/2026", "November 22nd, 2026"),
    ("Nov. 3", "November 3"),
    ("10–12 or 10-12", "10 to 12 or 10 to 12"),
    ("1/2 cup, 2 1/2 cups, 3½, 3/4", "one half cup, 2 and a half cups, 3 and a half, three quarters"),
    ("24/7", "24 7"),
    ("the 1st and 22nd", "the 1st and 22nd"),
    ("Henry VIII and World War II", "Henry the eighth and World War 2"),
    ("(555) 123-4567", "5 5 5, 1 2 3, 4 5 6 7"),
    ("+44 20 7946 0958", "plus 4 4, 2 0, 7 9 4 6, 0 9 5 8"),
    ("Call 911!", "Call 9 1 1!"),
    ("v3.2 and 3.11.4", "version 3.2 and 3 point 11 point 4"),
    ("1,234,567.89", "1,234,567.89"),
    ("2 + 2 = 4", "2 plus 2 equals 4"),
    ("-5 and 5 - 3", "minus 5 and 5 minus 3"),
    ("3 x 4, 3*4, 8 ÷ 2", "3 times 4, 3 times 4, 8 divided by 2"),
    ("2^10", "2 to the power of 10"),
    ("x >= 3", "x at least 3"),
    ("~5 → 6", "about 5 to 6"),
]
WORDS = [
    ("Dr. Smith met Mr. X on Main St. today", "Doctor Smith met Mister X on Main Street today"),
    ("St. John", "Saint John"),
    ("Eggs, milk, etc.", "Eggs, milk, et cetera."),
    ("fruit, e.g. apples, i.e. food", "fruit, for example, apples, that is, food"),
    ("approx. 5 vs. 6", "approximately 5 versus 6"),
    ("No. 5", "number 5"),
    ("No. It is not.", "No. It is not."),
    ("J. R. R. Tolkien", "J R R Tolkien"),
    ("in the U.S.", "in the U S."),
    ("AT&T and R&D", "A T and T and R and D"),
    ("#1 of @bob #ai", "number 1 of at bob hashtag ai"),
    ("C++, C# and/or F#", "C plus plus, C sharp and or F sharp"),
    ("he/she w/o TCP/IP", "he or she without TCP IP"),
    ("A -> B", "A to B"),
]

TABLE = [
    (written, spoken)
    for line in Path(__file__).with_name("spoken.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("# ")
    for written, spoken in [line.split("\t")]
]


@pytest.mark.parametrize(("written", "spoken"), MARKUP + ADDRESSES + NUMBERS + WORDS + TABLE)
def test_english(written: str, spoken: str) -> None:
    assert speakable(written) == spoken
    assert speakable(spoken) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "**3,5 kg** kosten 20 €, z. B. [hier](http://a.de)", "3,5 kg kosten 20 €, z. B. hier"),
        ("fr", "À 14:30 — voilà !", "À 14:30, voilà!"),
        ("es", "¿Qué *tal*? https://www.ejemplo.es/x", "¿Qué tal? ejemplo.es"),
        ("zh", "你好，**世界**。3.5 公斤", "你好，世界。3.5 公斤"),
        ("fa", "می\u200cخواهم", "می\u200cخواهم"),
        ("en-GB", "5/6/2026", "June 5th, 2026"),
    ],
)
def test_other_languages_lose_only_their_markup(language: str, written: str, spoken: str) -> None:
    assert speakable(written, language) == spoken


HOSTILE = (
    "( 1 1, a.b *a [ ]( 1: <!-- <a &amp; $1 a@ - 1- 1/2 a- A. \n| > ` ``` http:// ' w/ \\frac{ ^2 _a 1. +1 😀 e.g. … "
    "[^a \\ $a= Henry-VI (a ![a]( 5-km/ ½ ~ | "
    "5m 5s 1d 1:1 $1-to /a .5 5x5 €5kr 1999- 1st a⁵ \ue200a \ue201 IV 5°"
).split(" ")


@pytest.mark.parametrize("seed", HOSTILE)
def test_hostile_text_is_read_in_bounded_time_and_words(seed: str) -> None:
    for text in (seed * (100_000 // len(seed)), (seed + " ") * (100_000 // (len(seed) + 1))):
        assert min(_seconds(text) for _ in range(2)) < 1.5


def _seconds(text: str) -> float:
    """Of the processor, which a busy machine can only make more."""
    began = time.process_time()
    assert len(speakable(text)) <= LONGEST_TEXT
    return time.process_time() - began


SEEDS = [
    *HOSTILE,
    *(written for written, _ in MARKUP + ADDRESSES + NUMBERS + WORDS + TABLE),
    " ",
    "\n",
    ".",
    ",",
    "a",
    "7",
]
TEXTS = st.one_of(st.text(max_size=120), st.lists(st.sampled_from(SEEDS), max_size=12).map("".join))


@given(TEXTS, st.sampled_from(["en", "en-GB", "de", "ja"]))
def test_what_is_speakable_stays_as_it_is(text: str, language: str) -> None:
    spoken = speakable(text, language)
    assert speakable(spoken, language) == spoken
    assert "\n" not in spoken
    assert spoken == "" or any(character.isalnum() for character in spoken)
