"""What the owner has said to be over is not told as if it were so."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.skills.household import Household
from voiceos.skills.person.over import over_in

TOLD = [
    *(
        "I take metformin every morning.",
        "I take aspirin.",
        "My brother Paul takes statins.",
        "I smoke.",
        "I play chess.",
    ),
    *("We have a dog called Rex.", "Ines lives with us.", "Ines is allergic to nuts.", "I go swimming on Mondays."),
    *("We have two cats, Tofu and Miso.", "We have three hens.", "I own a boat.", "Max is my boyfriend."),
]
SINCE = [
    *(
        "I don't take metformin any more, I take gliclazide.",
        "I quit smoking in March.",
        "I'd like to stop taking aspirin.",
    ),
    *("We no longer have a dog.", "Ines has moved out.", "I don't go swimming on Mondays any more.", "I quit chess."),
    *("Tofu died yesterday.", "We gave two of the hens away.", "I haven't sold the boat.", "I broke up with Max."),
    "I play chess again.",
]


@pytest.mark.anyio
async def test_what_is_over_is_said_with_its_reason(tmp_path: Path) -> None:
    house = Household(tmp_path)
    for words in TOLD:
        house.tell(words, house.now - timedelta(days=30))
    for number, words in enumerate(SINCE):
        house.tell(words, house.now - timedelta(days=9, minutes=-number))
    asked = [
        ("Do I still take metformin?", "No. On 1 March you said: I don't take metformin any more, I take gliclazide."),
        ("Do I take aspirin?", "Yes. On 8 February you said: I take aspirin."),
        ("Does Paul take statins?", "Yes. On 8 February you said: My brother Paul takes statins."),
        ("Do I smoke?", "No. On 1 March you said: I quit smoking in March."),
        ("Do we have a dog?", "No. On 1 March you said: We no longer have a dog."),
        ("Does Ines still live with us?", "No. On 1 March you said: Ines has moved out."),
        ("Is Ines allergic to nuts?", "Yes. On 8 February you said: Ines is allergic to nuts."),
        ("Do I go swimming on Mondays?", "No. On 1 March you said: I don't go swimming on Mondays any more."),
        ("Do we have two cats?", "No. On 1 March you said: Tofu died yesterday."),
        ("How many cats do we have?", "One now, as far as I know. On 1 March you said: Tofu died yesterday."),
        ("How many hens do we have?", "One now, as far as I know. On 1 March you said: We gave two of the hens away."),
        ("Is Tofu alive?", "No. On 1 March you said: Tofu died yesterday."),
        ("Do I own a boat?", "Yes. On 8 February you said: I own a boat."),
        ("Is Max my boyfriend?", "No. On 1 March you said: I broke up with Max."),
        ("Do I play chess?", "Yes."),
    ]
    wrong = [(words, said) for words, answer in asked if not (said := await house(words)).startswith(answer)]
    house.close()
    assert not wrong


@pytest.mark.anyio
@pytest.mark.parametrize(
    "parted",
    [
        "Owen and I broke up last week.",
        "Owen and I have split up.",
        "Owen and I are getting divorced.",
        "Owen and I are no longer together.",
        "I broke up with Owen.",
    ],
)
async def test_a_partner_one_has_parted_from_is_told_with_that(tmp_path: Path, parted: str) -> None:
    house = Household(tmp_path)
    house.tell("Owen is my partner.", house.now - timedelta(days=30))
    house.tell(parted, house.now - timedelta(days=9))
    said = await house("Who's my partner?")
    house.close()
    assert said.startswith(f"On 1 March you said: {parted}")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("I don't eat meat any more.", 1),
        ("My aunt passed away.", 1),
        ("I stopped going to the gym.", 1),
        ("I no longer go to church.", 1),
        ("I gave up coffee and I sold the car.", 2),
        ("I haven't stopped smoking.", 0),
        ("I want to quit smoking.", 0),
        ("Did Tofu die?", 0),
        ("Tofu nearly died.", 0),
        ("I don't eat meat.", 0),
        ("Do I no longer have a dog?", 0),
    ],
)
def test_what_a_text_tells_to_be_over(text: str, count: int) -> None:
    assert len(over_in(text)) == count
