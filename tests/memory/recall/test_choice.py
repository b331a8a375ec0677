"""What of the memories goes into the prompt, and why the rest does not."""

from hypothesis import given
from hypothesis import strategies as st

from voiceos.core import Recalled
from voiceos.memory.recall.choice import CHARACTERS_PER_TOKEN, choose


def memory(text: str, score: float, **more: str) -> Recalled:
    return Recalled(id=f"passage:{abs(hash(text))}", text=text, score=score, author=more.get("author", "you"))


def reasons(question: str, *memories: Recalled, tokens: int = 300) -> list[str]:
    return [judged.left_out for judged in choose(question, memories, tokens=tokens)]


def test_the_likely_go_in_best_first() -> None:
    judged = choose("Who is Ana?", [memory("Ana called.", 0.3), memory("Ana is my sister.", 0.6)], tokens=300)
    assert [(one.text, one.left_out) for one in judged] == [("Ana is my sister.", ""), ("Ana called.", "")]


def test_what_is_unlikely_or_far_behind_stays_out() -> None:
    assert reasons(
        "Who is Ana?", memory("Ana is my sister.", 0.9), memory("Ana called.", 0.2), memory("Soup.", 0.01)
    ) == [
        "",
        "far less likely than the best (0.20)",
        "unlikely to be relevant (0.01)",
    ]


def test_a_health_note_does_not_season_a_recipe() -> None:
    note = memory("The doctor put me on tablets; no salt in the soup.", 0.6)
    assert reasons("Give me a recipe for soup.", note) == ["private (health) and not asked for"]
    assert reasons("What did the doctor say?", note) == [""]


def test_a_private_line_does_not_keep_back_the_line_that_answers() -> None:
    note = memory("- called the insurer, claim number is HX-4417\n- blood pressure 128 over 82", 0.5)
    (told,) = choose("What is my claim number at the insurance?", [note], tokens=300)
    assert (told.text, told.left_out) == ("- called the insurer, claim number is HX-4417", "")
    assert choose("What is my blood pressure?", [note], tokens=300)[0].text == note.text


def test_the_same_words_go_in_once() -> None:
    once, again = memory("Ana is my sister.", 0.6), memory("ana is my  sister.", 0.5)
    assert reasons("Who is Ana?", once, again) == ["", "already covered by another memory"]


def test_what_the_owner_asked_tells_nothing() -> None:
    assert reasons("Who is Ana?", memory("Who is Ana?", 0.9), memory("Is Ana in?", 0.9, author="Bo")) == [
        "only a question",
        "",
    ]


@given(
    st.lists(st.tuples(st.text(max_size=400), st.floats(0, 1)), max_size=12), st.integers(0, 850), st.text(max_size=80)
)
def test_never_more_than_there_is_room_for(memories: list[tuple[str, float]], tokens: int, question: str) -> None:
    judged = choose(question, [memory(text, score) for text, score in memories], tokens=tokens)
    assert len(judged) == len(memories)
    assert sum(len(one.text) for one in judged if not one.left_out) <= tokens * CHARACTERS_PER_TOKEN
