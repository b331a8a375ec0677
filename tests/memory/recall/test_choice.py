"""What of the memories goes into the prompt, and why the rest does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceos.core import Recalled
from voiceos.memory.recall.choice import ANY, CHARACTERS_PER_TOKEN, FULL, choose


def memory(text: str, score: float, **more: str) -> Recalled:
    return Recalled(id=f"passage:{abs(hash(text))}", text=text, score=score, author=more.get("author", "you"))


def reasons(question: str, *memories: Recalled, tokens: int = 300) -> list[str]:
    return [judged.left_out for judged in choose(question, memories, tokens=tokens)]


def test_the_likely_go_in_best_first() -> None:
    judged = choose("Who is Ana?", [memory("Ana called.", 0.3), memory("Ana is my sister.", 0.6)], tokens=300)
    assert [(one.text, one.left_out) for one in judged] == [("Ana is my sister.", ""), ("Ana called.", "")]


def test_what_is_unlikely_or_far_behind_stays_out() -> None:
    assert reasons(
        "Who is Ana?", memory("Ana is my sister.", 0.9), memory("Ana called.", 0.15), memory("Soup.", 0.01)
    ) == [
        "",
        "far less likely than the best (0.15)",
        "unlikely to be relevant (0.01)",
    ]


def test_a_model_with_more_room_gets_more_pieces() -> None:
    memories = [memory("Ana is my sister.", 0.9), memory("Ana called.", 0.03), memory("Soup.", 0.01)]
    told = {
        bar: [one.text for one in choose("Who?", memories, tokens=850, bar=bar) if not one.left_out]
        for bar in (FULL, ANY)
    }
    assert told == {FULL: ["Ana is my sister.", "Ana called."], ANY: ["Ana is my sister.", "Ana called.", "Soup."]}


def test_a_health_note_does_not_season_a_recipe() -> None:
    note = memory("The doctor put me on tablets; no salt in the soup.", 0.6)
    assert reasons("Give me a recipe for soup.", note) == ["private (health) and not asked for"]
    assert reasons("What did the doctor say?", note) == [""]


def test_a_private_line_does_not_keep_back_the_line_that_answers() -> None:
    note = memory("- called the insurer, claim number is HX-4417\n- blood pressure 128 over 82", 0.5)
    (told,) = choose("What is my claim number at the insurance?", [note], tokens=300)
    assert (told.text, told.left_out) == ("- called the insurer, claim number is HX-4417", "")
    assert choose("What is my blood pressure?", [note], tokens=300)[0].text == note.text


def test_what_is_listed_under_what_is_asked_is_asked_for() -> None:
    note = memory("For Grandpa: the pill box, his blue scarf", 0.4)
    assert reasons("What do I have to pack for Grandpa?", note) == [""]
    assert reasons("What do I have to pack?", note) == ["private (health) and not asked for"]


VET = "The vet is on 555 0199."


@pytest.mark.parametrize(
    ("question", "note", "told"),
    [
        # asked for in other words than its own
        ("What allergies do I have?", "I am allergic to nuts. Loan of 200 to Tom.", "I am allergic to nuts."),
        ("How much do I owe Tom?", "I owe Tom 200 (loan). Took pills.", "I owe Tom 200 (loan)."),
        ("How much do I earn?", "My salary is 4000 a month. Took pills.", "My salary is 4000 a month."),
        # each of several things by itself
        ("What is my gym number?", "Gym number 5521; therapy on Tuesday", "Gym number 5521;"),
        ("What is the vet's number?", f"Wi-Fi password: blue.bird!77\n{VET}", VET),
        ("What is the vet's number?", f"Passwords:\n\n- gym: hunter2\n- vet: hunter3\n\n{VET}", VET),
        ("What is the vet's number?", f"Door:\nPIN 4471\n\n{VET}", f"Door:\n{VET}"),
        (
            "What is the wifi password?",
            "Wifi password: bird. Bank password: hunter2. PIN 4471.",
            "Wifi password: bird.",
        ),
        ("What is my PIN?", "Wifi password: bird. PIN 4471.", "PIN 4471."),
    ],
)
def test_what_answers_is_told_without_what_else_is_private(question: str, note: str, told: str) -> None:
    (judged,) = choose(question, [memory(note, 0.5)], tokens=300)
    assert (judged.text, judged.left_out) == (told, "")


def test_a_note_of_passwords_holds_nothing_else() -> None:
    note = replace(memory("- mail: hunter3\n- vet portal: hunter4", 0.3), source="your note Passwords")
    assert reasons("What is the vet's number?", note) == ["private (secrets) and not asked for"]
    assert choose("What is the password of my mail?", [note], tokens=300)[0].text == "- mail: hunter3"


def test_what_surely_answers_is_told_whole_but_for_secrets() -> None:
    note = f"{VET} Took my tablets. The PIN is 4471."
    (told,) = choose("What is the vet's number?", [memory(note, 0.9)], tokens=300)
    assert told.text == f"{VET} Took my tablets."
    assert reasons("How do I get in?", memory("The combination of the door is 3-1-7.", 0.9)) == [""]


def test_the_same_words_go_in_once() -> None:
    once, again = memory("Ana is my sister.", 0.6), memory("ana is my  sister.", 0.5)
    assert reasons("Who is Ana?", once, again) == ["", "already covered by another memory"]


def test_copies_take_no_room_from_what_is_told_once() -> None:
    weekly = [memory(f"Car inspection, bring the spare key. Number {n}.", 0.6) for n in range(20)]
    judged = choose("Where is the spare key?", [*weekly, memory("The spare key is under the pot.", 0.5)], tokens=100)
    assert judged[-1].left_out == ""
    assert [one.left_out for one in judged[:2]] == ["", ""]
    assert judged[-2].left_out == "no room left for it"


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
