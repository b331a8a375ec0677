"""What is said from the memory without the language model."""

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
            "How long ago did I get the hearing aids?",
            memory("I got the hearing aids.", 9, 4),
            "On 4 September you said: I got the hearing aids. That was 3 months ago.",
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
        memory("They asked 275.", 3, 3, 0.6),
        memory("Soup.", 3, 4, 0.3),
    )
    assert said("What did the house cost?", first, near, far).endswith("On 3 March you said: They asked 275.")
    assert said("What did the house cost?", first, far) == "On 4 April you said: The house was 268."


def test_a_line_for_a_model_tells_the_days_that_its_words_mean() -> None:
    line = dated_line(memory("Anna's wedding was yesterday, forty years today since mine.", 9, 6), NOW)
    assert line.startswith("6 September 2026, you: Anna's wedding was yesterday (5 September 2026), forty years today")


def test_how_far_the_day_of_a_reply_is() -> None:
    reply = "You bought it on 4 September 2026."
    assert span_told("How long ago did I buy it?", reply, NOW) == "That was 3 months ago."
    assert span_told("When did I buy it?", reply, NOW) == ""
