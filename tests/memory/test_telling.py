"""What is said from the memory without the language model."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from voiceos.core import Recalled
from voiceos.memory.quoting import dated_line
from voiceos.memory.telling import span_told, told

NOW = datetime(2026, 12, 5, 18, tzinfo=UTC)


def said(question: str, *memories: Recalled) -> str:
    return told(question, memories, NOW)


def memory(text: str, month: int, day: int, score: float = 0.9) -> Recalled:
    return Recalled("passage:1", text, 1, "", "you", datetime(2026, month, day, 12, tzinfo=UTC), score)


@pytest.mark.parametrize(
    ("question", "one", "reply"),
    [
        (
            "When did I read the poem?",
            memory("Anna's wedding was yesterday, I did the Neruda.", 9, 6),
            "On 6 September you said: Anna's wedding was yesterday, I did the Neruda. That was 5 September.",
        ),
        (
            "When is the dentist?",
            memory("The dentist is on Friday.", 12, 3),
            "On Thursday you said: The dentist is on Friday. That was 4 December.",
        ),
        (
            "When did I call the plumber?",
            memory("I didn't call the plumber yesterday, I called him on Saturday.", 11, 30),
            "On Monday you said: I didn't call the plumber yesterday, I called him on Saturday. That was 28 November.",
        ),
        (
            "How long ago did we buy the piano?",
            memory("The piano is from 2019, we got it tuned.", 9, 4),
            "On 4 September you said: The piano is from 2019, we got it tuned. That was 7 years ago.",
        ),
        (
            "How many years ago did we buy the piano?",
            memory("The piano: built 1974, bought 2019", 9, 4),
            "On 4 September you said: The piano: built 1974, bought 2019.",
        ),
        (
            "When is the dentist?",
            memory("I moved the dentist today. It's on 9 March now.", 11, 16),
            "On 16 November you said: I moved the dentist today. It's on 9 March now.",
        ),
        (
            "How long ago did the loft get done?",
            memory("The loft was done on 5 June.", 9, 4),
            "On 4 September you said: The loft was done on 5 June. That was 6 months ago.",
        ),
        (
            "When does the choir sing?",
            memory("Practice is at half past seven. The choir sings tomorrow.", 12, 3),
            "On Thursday you said: Practice is at half past seven. The choir sings tomorrow. That was 4 December.",
        ),
        (
            "When do I swim?",
            memory("I swim on Tuesdays at seven.", 7, 30),
            "On 30 July you said: I swim on Tuesdays at seven.",
        ),
        (
            "When does it leave?",
            memory("Skip comes on Friday, leaves on Monday.", 12, 3),
            "On Thursday you said: Skip comes on Friday, leaves on Monday. That is 7 December.",
        ),
        (
            "When did we get back?",
            memory("We left on the 3rd and came home on the 15th.", 8, 20),
            "On 20 August you said: We left on the 3rd and came home on the 15th.",
        ),
        (
            "How many days until the pass runs out?",
            memory("The pass runs out on 11 December.", 9, 4),
            "On 4 September you said: The pass runs out on 11 December. That is in 6 days.",
        ),
        (
            "How long have I had the piano?",
            memory("I got the piano in May 2020.", 9, 4),
            "On 4 September you said: I got the piano in May 2020. That makes 6 years and 7 months, since May 2020.",
        ),
        (
            "When does the pottery class end?",
            memory("The pottery class began yesterday and goes on until Easter.", 9, 6),
            "On 6 September you said: The pottery class began yesterday and goes on until Easter.",
        ),
        (
            "On what day does the sweep come?",
            memory("The sweep comes on Tuesday at 8.", 9, 4),
            "On 4 September you said: The sweep comes on Tuesday at 8. That was 8 September.",
        ),
        (
            "When does the sweep come?",
            memory("2:00 PM, Sweep, back at 8.", 9, 4),
            "On 4 September you said: 2:00 PM, Sweep, back at 8.",
        ),
        (
            "When did the fair end?",
            memory("The fair was over yesterday.", 9, 6),
            "On 6 September you said: The fair was over yesterday. That was 5 September.",
        ),
        (
            "When is the dentist?",
            memory("The dentist isn't on Thursday but on Friday.", 12, 3),
            "On Thursday you said: The dentist isn't on Thursday but on Friday. That was 4 December.",
        ),
        (
            "When did I call the plumber?",
            memory("I didn't call the plumber yesterday.", 9, 6),
            "On 6 September you said: I didn't call the plumber yesterday.",
        ),
        (
            "How long ago did I get the hearing aids?",
            memory("I got the hearing aids.", 9, 4),
            "On 4 September you said: I got the hearing aids. That was 3 months ago.",
        ),
        (
            "When is the dentist?",
            memory("Signed up. The dentist is on Friday.", 12, 5),
            "Today you said: Signed up. The dentist is on Friday. That is 11 December.",
        ),
        (
            "How old is Milo?",
            memory("Milo: born 9 December 2018, shoe size 13.", 9, 4),
            "On 4 September you said: Milo: born 9 December 2018, shoe size 13. That makes 7 years.",
        ),
        (
            "How much were the hearing aids?",
            memory("I got the hearing aids yesterday, 2,650.", 9, 4),
            "On 4 September you said: I got the hearing aids yesterday, 2,650.",
        ),
    ],
)
def test_a_memory_is_told_in_its_words_with_when_it_was(question: str, one: Recalled, reply: str) -> None:
    assert said(question, one) == reply


def test_a_second_one_is_told_where_it_is_nearly_as_likely() -> None:
    first, near, far = (
        memory("The house was 268.", 4, 4),
        memory("They asked 275.", 3, 3, 0.9),
        memory("Soup.", 3, 4, 0.6),
    )
    assert said("What did the house cost?", first, near, far).endswith("On 3 March you said: They asked 275.")
    assert said("What did the house cost?", first, far) == "On 4 April you said: The house was 268."


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        (
            "How much did I spend on the truck altogether?",
            "731.50 in all, of the 2 that I found: On 9 February you said: A new battery, 219.50 with the tax. "
            "On 3 November you said: Truck is done, it came to 512 in the end.",
        ),
        (
            "What did we do with everything for the truck?",
            "I found 2: On 9 February you said: A new battery, 219.50 with the tax. "
            "On 3 November you said: Truck is done, it came to 512 in the end.",
        ),
    ],
)
def test_several_are_told_together_with_what_they_come_to(question: str, reply: str) -> None:
    newer = replace(memory("Truck is done, it came to 512 in the end.", 11, 3, 0.4), record_id=2)
    assert said(question, memory("A new battery, 219.50 with the tax.", 2, 9), newer) == reply
    other = replace(memory("Two of 40 for the truck.", 3, 1, 0.4), record_id=3)
    assert "in all" not in said(question, memory("A battery, 219.", 2, 9), other)  # nobody knows which number it is


def test_what_stands_in_one_record_is_a_list() -> None:
    lines = [memory(text, 2, 9, 0.35) for text in ("To Bob: the atlas.", "To Rita: Moby-Dick.", "To Ann: Emma.")]
    reply = said("Which books have I lent?", *lines)
    assert reply == "I found 3: On 9 February you said: To Bob: the atlas. To Rita: Moby-Dick. To Ann: Emma."


def test_a_line_for_a_model_tells_the_days_that_its_words_mean() -> None:
    line = dated_line(memory("Anna's wedding was yesterday, forty years today since mine.", 9, 6), NOW)
    assert line.startswith("6 September 2026, you: Anna's wedding was yesterday (5 September 2026), forty years today")


def test_how_far_the_day_of_a_reply_is() -> None:
    reply = "You bought it on 4 September 2026."
    assert span_told("How long ago did I buy it?", reply, NOW) == "That was 3 months ago."
    assert span_told("When did I buy it?", reply, NOW) == ""


def test_a_greeting_is_no_second_answer() -> None:
    best = memory("Gareth Pugh", 9, 4)
    for line, is_told in (
        ("Dear Nell,", False),
        ("Kind regards,", False),
        ("Yours sincerely, Gareth", False),
        ("Hello, the rent is due.", True),
        ("My landlord is abroad,", True),
    ):
        reply = said("Who is my landlord?", best, memory(line, 9, 4, 0.8))
        assert (line.rstrip(",.") in reply) is is_told
        assert ",." not in reply
