"""What is heard must find what was written: the terms of text in many spellings and scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.language.terms import LONGEST_TERM, Analyzer


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Carolines café", "Caroline’s CAFE"),
        ("I dont", "I don't"),
        ("running boilers", "run boiler"),
        ("we'll", "we"),
        ("o'brien", "O’Brien"),
        ("the 2nd of may", "The 2 of May"),
        ("1500 euros", "1,500 euro"),
        ("10 am", "10am"),
        ("at 9 a.m.", "at 09 am"),
        ("02.05.2023", "2 5 2023"),
        ("covid 19", "COVID-19"),
        ("USA", "U.S.A."),
        ("strasse", "Straße"),
        ("Lodz Malmo", "Łódź Malmö"),
        ("ﬁnance ＡＢＣ", "finance abc"),
        ("٢٠٢٣", "2023"),
    ],
)
def test_spellings_that_mean_the_same(heard: str, written: str) -> None:
    analyze = Analyzer("en")
    assert analyze(heard) == analyze(written)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("I sent an e-mail", "email"),
        ("it was 7:30", "7:30"),
        ("3.5 litres", "3.5"),
        ("昨日、黒猫を見た", "黒猫"),
        ("黒猫", "猫"),
        ("ごはん", "ごは"),
        ("สวัสดีครับ", "สว"),
        ("Мы купили ёлки", "елк"),
        ("안녕하세요 세계", "세계"),
        ("मैंने किताबें पढ़ीं", "किताब"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_terms_of_other_kinds(text: str, term: str) -> None:
    assert term in Analyzer("en")(text)


def test_terms_are_in_order_and_repeated() -> None:
    assert Analyzer("en")("The dog and the dogs.") == ["the", "dog", "and", "the", "dog"]


def test_other_languages_have_their_own_stems() -> None:
    assert Analyzer("fr")("l'école qu'elle aimait") == Analyzer("fr")("ecole elle aimait")
    assert Analyzer("de").identity != Analyzer("en").identity
    assert Analyzer("xx").language == "en"


def test_nothing_to_find() -> None:
    assert Analyzer("en")("🙂 … ?!' - _ \x00") == []


@given(st.text())
def test_any_text_has_terms_that_are_stable(text: str) -> None:
    analyze = Analyzer("en")
    terms = analyze(text)
    assert analyze(text) == terms
    assert all(0 < len(term) <= 2 * LONGEST_TERM and not any(letter.isspace() for letter in term) for term in terms)
