"""Features and order of candidates: shapes, missing signals, and the passages that must come first."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceos.language.terms import Analyzer
from voiceos.memory.index.occurrences import Occurrences
from voiceos.memory.recall.features import FEATURES, Candidates, features, within
from voiceos.memory.recall.periods import Period
from voiceos.memory.recall.question import ask
from voiceos.memory.recall.ranking import ANSWERING, Ranking, aloneness, load, rank, summary

ANALYZE = Analyzer("en")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
DAY = 86_400.0


def terms_of(texts: list[str]) -> Occurrences:
    found = [ANALYZE(text) for text in texts]
    return Occurrences.of(found, {term for passage in found for term in passage})


def candidates(
    *turns: tuple[str, str], at: list[float] | None = None, lexical: list[float] | None = None, models: bool = False
) -> Candidates:
    count = len(turns)
    return Candidates(
        ids=np.arange(count),
        texts=[text for _, text in turns],
        terms=terms_of([text for _, text in turns]),
        authors=[author for author, _ in turns],
        at=np.array(at if at else [NOW.timestamp()] * count),
        threads=np.zeros(count, np.int64),
        positions=np.arange(count),
        lexical=np.array(lexical if lexical else [0.0] * count, np.float32),
        sparse=np.ones(count, np.float32) if models else None,
        dense=np.full(count, 0.3, np.float32) if models else None,
    )


def column(name: str, text: str, found: Candidates) -> np.ndarray:
    question = ask(text, ANALYZE, NOW)
    return features(question, found, dict.fromkeys((*question.terms, *question.topic), 3.0))[:, FEATURES.index(name)]


def ranked(text: str, found: Candidates) -> Ranking:
    question = ask(text, ANALYZE, NOW)
    return rank(question, found, dict.fromkeys((*question.terms, *question.topic), 3.0))


def test_the_passage_with_the_words_comes_first() -> None:
    found = candidates(
        ("Melanie", "I painted the fence."),
        ("Caroline", "I adopted a puppy from the shelter last week."),
        ("Melanie", "How nice, congratulations!"),
        ("Caroline", "Thanks, see you at the meeting."),
        lexical=[0.0, 6.0, 0.0, 0.0],
    )
    result = ranked("When did Caroline adopt a puppy?", found)
    assert result.best(1) == [1]
    assert (result.probabilities >= 0).all()
    assert (result.probabilities <= 1).all()
    assert 0 <= result.answerable <= 1


def test_who_speaks_is_compared_with_who_is_asked_about() -> None:
    found = candidates(("Melanie", "a puppy"), ("Caroline", "a puppy"), ("", "Caroline has a puppy"))
    assert column("by_asked", "What is the name of Caroline's puppy?", found).tolist() == [0, 1, 0]
    assert column("by_other", "What is the name of Caroline's puppy?", found).tolist() == [1, 0, 0]
    assert column("names_spoken", "What is the name of Caroline's puppy?", found).tolist() == [0, 0, 1]
    assert column("by_asked", "What is my puppy's name?", candidates(("owner", "a"), ("Bo", "b"))).tolist() == [1, 0]


def test_neighbours_see_each_other() -> None:
    found = candidates(
        ("a", "Which puppy did you adopt?"), ("b", "The brown one."), ("a", "Good night."), ("b", "Bye.")
    )
    after_the_words = column("own_before", "Which puppy was adopted?", found)
    assert after_the_words.argmax() == 1
    assert column("follows_question", "Which puppy was adopted?", found).tolist() == [0, 1, 0, 0]


def test_dates() -> None:
    found = candidates(("a", "x"), ("a", "y"), at=[NOW.timestamp() - DAY / 2, float("nan")])
    assert column("period", "what was it yesterday?", found).tolist() == [1, 0]
    fit = within([Period(0, DAY)], np.array([DAY / 2, 2 * DAY, 1000 * DAY, np.nan]))
    assert fit[0] == 1
    assert 0 < fit[1] < 1
    assert fit[2] == pytest.approx(0)
    assert fit[3] == 0


def test_notes_are_no_conversation() -> None:
    talk = candidates(("a", "x"), ("b", "y"), ("a", "z"))
    notes = candidates(("owner", "x"), ("owner", "y"), ("owner", "z"))
    assert column("monologue", "x?", talk).tolist() == [0, 0, 0]
    assert column("monologue", "x?", notes).tolist() == [1, 1, 1]


def test_no_candidates_no_answer() -> None:
    assert ranked("anything?", candidates()).answerable == 0


@pytest.mark.parametrize("mode", ["lexical", "all"])
def test_the_weights_fit_the_features(mode: str) -> None:
    weights = load(mode)
    for network in (weights.talk, weights.records):
        assert network.mean.shape == network.deviation.shape == (len(FEATURES),)
        assert network.layers[0][0].shape[0] == len(FEATURES)


@settings(deadline=None)
@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.text(max_size=10), st.text(max_size=60)), min_size=1, max_size=6),
    st.booleans(),
)
def test_any_text_can_be_ranked(text: str, turns: list[tuple[str, str]], models: bool) -> None:
    result = ranked(text, candidates(*turns, models=models))
    assert np.isfinite(result.scores).all()
    assert np.isfinite(result.probabilities).all()
    assert np.isfinite(result.answerable)
    assert sorted(result.best(10)) == list(range(len(turns)))


def test_what_is_replied_to_need_not_be_said_again() -> None:
    found = candidates(
        ("a", "Which puppy did you adopt?"), ("b", "The brown one."), ("a", "Good night."), ("b", "Bye.")
    )
    assert column("covered", "Which puppy was adopted?", found).tolist() == [1, 0, 0, 0]
    assert column("reply_covered", "Which puppy was adopted?", found).tolist() == [1, 1, 0, 0]
    assert column("around_covered", "Which puppy was adopted?", found).tolist() == [1, 1, 1, 0]


def test_the_owner_speaks_of_anybody() -> None:
    found = candidates(("Ana", "a puppy"), ("owner", "Ana has a puppy"), ("Bo", "a puppy"))
    assert column("by_other", "What is the name of Ana's puppy?", found).tolist() == [0, 0, 1]


def test_what_stands_among_records_counts_as_one_in_part() -> None:
    table = np.zeros((4, len(FEATURES)), np.float32)
    table[:3, FEATURES.index("monologue")] = 1
    assert aloneness(table).tolist() == [1, 1, 1, 0.75]


def test_what_somebody_else_said_is_told() -> None:
    found = candidates(("Ana", "The weather is fine."), ("Bo", "I sold my old violin."))
    question = ask("Who bought Ana's old violin?", ANALYZE, NOW)
    table = features(question, found, dict.fromkeys(question.terms, 3.0))
    told = dict(zip(ANSWERING, summary(table, np.array([1.0, 0.0], np.float32)), strict=True))
    assert told["other_covers"] > 0
