"""Whether words tell something, and whether they look back or ahead."""

import pytest

from voiceos.language.questions import only_asks
from voiceos.language.tenses import looks_back, states


@pytest.mark.parametrize(
    "text",
    ["Tofu died yesterday.", "Lena had a baby", "Tom broke his leg.", "The dentist is on Friday", "I weigh 90 kilos."],
)
def test_it_tells_something(text: str) -> None:
    assert states(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Did Tofu die?", "the wifi password", "Mum's birthday", "Tell me my pin.", "So on which day did she come"),
        *("I forgot my pin.", "I don't remember where I parked.", "Remember that Tom was ill."),
    ],
)
def test_it_asks_or_orders_or_only_names(text: str) -> None:
    assert not states(text)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        *(("Mum was here on Friday.", True), ("We fixed it on Friday", True), ("On Friday we met.", True)),
        *(
            ("The dentist is on Friday.", False),
            ("I told them to come on Friday.", False),
            ("On Friday I start.", False),
        ),
        *(
            ("I got it! It's on Friday.", False),
            ("I was ill, and I'm back on Friday", False),
            ("dentist on Friday", False),
        ),
    ],
)
def test_the_nearest_verb_says_whether_a_day_is_over(text: str, back: bool) -> None:
    start = text.index("Friday")
    assert looks_back(text, start, start + len("Friday")) is back


def test_what_begins_like_a_question_may_tell() -> None:
    said = {"When ordering, I chose the trout.": False, "when is lunch": True, "What now?": True, "I see.": False}
    assert {text: only_asks(text) for text in said} == said
