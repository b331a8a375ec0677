"""Yes-or-no questions, as facts answer them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from voiceos.core import Transcript, Turn
from voiceos.memory.facts.apart import Apart
from voiceos.memory.facts.turned import verdict
from voiceos.memory.memory import Memory

NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)
TOLD = [
    *("My brother Tom is allergic to nuts.", "Tom isn't allergic to eggs.", "Tom likes football.", "Tofu is my cat."),
    *("We moved to Lyon.", "We moved to Porto.", "My sister Lena works at Siemens.", "My birthday is on 12 May."),
    "My sister Lena is a teacher in Bremen.",
    *("I'm vegetarian.", "My boss Rob lives in Leeds.", "My neighbour Rob lives in Hull."),
    *("We have a dog.", "We no longer have a dog."),
]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    with Memory(tmp_path_factory.mktemp("turned")) as memory:
        for number, words in enumerate(TOLD):
            turn = Turn(f"t{number}", "c", transcript=Transcript(words))
            memory.remember(turn, NOW - timedelta(days=30 - number))
        yield memory


@pytest.mark.parametrize(
    ("question", "holds", "quote"),
    [
        ("Is Tom allergic to nuts?", True, "My brother Tom is allergic to nuts"),
        ("Isn't my brother allergic to nuts", True, "My brother Tom is allergic to nuts"),
        ("Do you know if Tom is allergic to nuts?", True, "My brother Tom is allergic to nuts"),
        ("Is Tom allergic to eggs?", False, "Tom isn't allergic to eggs"),
        ("Does Tom still like football?", True, "Tom likes football"),
        ("Is Tofu my cat?", True, "Tofu is my cat"),
        ("Am I vegetarian?", True, "I'm vegetarian"),
        ("Do we live in Porto?", True, "We moved to Porto"),
        ("Don't we live in Lyon?", False, "We moved to Porto"),
        ("Have we ever lived in Lyon?", True, "We moved to Lyon"),
        ("Did we live in Lyon?", True, "We moved to Lyon"),
        ("Do we have a dog?", False, "We no longer have a dog"),
        ("Is my birthday in May?", True, "My birthday is on 12 May"),
        ("Is my birthday on the twelfth of May?", None, "My birthday is on 12 May"),
        ("Does Lena work at the hospital?", None, "My sister Lena works at Siemens"),
        ("Is Lena a nurse?", False, "My sister Lena is a teacher"),
    ],
)
def test_a_fact_says_yes_or_no_or_the_same_otherwise(
    memory: Memory, question: str, holds: bool | None, quote: str
) -> None:
    with memory.reading() as db:
        found = verdict(db, question, NOW)
    assert found
    assert (found.holds, found.fact.quote) == (holds, quote)


@pytest.mark.parametrize(
    "question",
    [
        *("Is Tom allergic to milk?", "Does Tom like tennis?", "Did we live in Oslo?", "Does Rob live in Leeds?"),
        *("Is Paris the capital of France?", "Is it raining?", "Where do we live?", "Is she allergic to nuts?"),
    ],
)
def test_nothing_is_guessed(memory: Memory, question: str) -> None:
    with memory.reading() as db:
        assert verdict(db, question, NOW) is None


@pytest.mark.parametrize(
    ("question", "line", "apart"),
    [
        ("Am I allergic to walnuts?", "My brother is allergic to walnuts.", True),
        ("Is my brother allergic to penicillin?", "My sister Lena is allergic to penicillin.", True),
        ("Am I getting divorced?", "My boss Karen is getting divorced.", True),
        ("Is Dmitri ill?", "My sister Lena is ill.", True),
        ("Is my sister ill?", "Lena is ill.", False),
        ("Is Lena ill?", "My sister is ill.", False),
        ("Is my dad ill?", "My father is ill.", False),
        ("Am I getting a raise?", "My boss said I'm getting a raise.", False),
        ("Do I have a sister?", "My sister is Lena.", False),
        ("Have we met Rob?", "Rob was here yesterday.", False),
        ("Is it raining?", "My sister is wet.", False),
        ("What do I take?", "My brother takes warfarin.", True),
        ("What does my sister take?", "I take metformin.", True),
        ("Which pills does Lena take?", "My brother takes warfarin.", True),
        ("Who has my drill?", "My brother has my drill.", False),
        ("What did I lend to whom?", "Tom has my drill.", False),
        ("What does Lena take?", "My sister takes iron.", False),
        ("What did I sign up for?", "Signed up for a race.", False),
        ("What size does Carrie wear?", "Milo: born in 2018, size 13.", True),
        ("What size does Carrie wear?", "Carrie: size 6.", False),
        ("What did we lend Mrs Okoro?", "Mrs Okoro says she still has the ladder.", False),
        ("What did we lend Mrs Okoro?", "Mrs Lund says she still has the ladder.", True),
        ("What does Dr Haugen charge?", "My fee is 90 an hour.", True),
        ("What does Dr Haugen charge?", "My dentist Dr Haugen wants 90 an hour.", False),
        ("What's my favourite cake?", "Priya's favourite cake is walnut.", True),
        ("What's my favourite cake?", "Priya's favourite cake is the same as mine.", False),
        ("What's my phone bill?", "Vodafone is 25 a month.", False),
        ("What's my cat called?", "Hana's cat Biscuit died.", True),
        ("What's my cat called?", "Hana has a cat called Biscuit.", True),
        ("What's my cat called?", "We have a cat called Plum.", False),
        ("How's my dad?", "Mum says Dad is better.", False),
        ("What are my sisters called?", "My sister Lena rang.", False),
        ("What is Tom allergic to?", "Tom's wife is allergic to bees.", True),
        ("Who did Tom marry?", "Tom's wife is called Ines.", False),
    ],
)
def test_whom_a_line_tells_of(memory: Memory, question: str, line: str, apart: bool) -> None:
    with memory.reading() as db:
        assert Apart(db, question)(line) == apart


@pytest.mark.parametrize(
    ("question", "line", "rest"),
    [
        ("Where does Kasper live?", "Tom moved to Hull, he and Kasper broke up.", "he and Kasper broke up"),
        (
            "Where does Tom live?",
            "Tom moved to Hull, he and Kasper broke up.",
            "Tom moved to Hull, he and Kasper broke up.",
        ),
        ("When was Tom born?", "Lena, Tom and Rob were born in 1990.", "Lena, Tom and Rob were born in 1990."),
    ],
)
def test_clauses_that_tell_of_another(memory: Memory, question: str, line: str, rest: str) -> None:
    with memory.reading() as db:
        assert Apart(db, question).rest(line) == rest


@pytest.mark.parametrize(
    ("question", "line", "apart"),
    [
        ("What does Ms Falk earn?", "Your salary will be 3,100.", True),
        ("What does Ms Falk earn?", "My salary is 3,100.", False),  # whoever wrote it
        ("What do I earn?", "Your salary will be 3,100.", False),
        ("What did Ms Falk offer?", "You said Ms Falk offered 3,100.", False),
        ("What is Priya allergic to?", "My brother Arjun is allergic to sesame.", True),
        ("What is Priya's brother allergic to?", "My brother Arjun is allergic to sesame.", False),
        ("What is Arjun allergic to?", "My brother Arjun is allergic to sesame.", False),
        ("What is Priya allergic to?", "I'm allergic to sesame.", False),
        ("What's my favourite cake?", "My favourite cake is carrot.", True),
        ("What's the code of my bike lock?", "My bike lock is 7109 if you need it.", True),
        ("What's my share?", "I think you owe 20.", False),
        ("How old is my mother?", "My mother turned 70 on Sunday.", True),
    ],
)
def test_others_tell_of_themselves_and_of_the_owner(memory: Memory, question: str, line: str, apart: bool) -> None:
    author = "Priya Nair" if not line.startswith(("Your", "You", "My salary")) else ""
    with memory.reading() as db:
        assert Apart(db, question)(line, own=False, author=author) == apart
