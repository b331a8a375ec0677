"""Days that are left out of what comes again, wherever they are told."""

import pytest

from tests.skills.conftest import Talk

pytestmark = pytest.mark.anyio
BUT_SUNDAYS = "Okay, every Monday, Tuesday, Wednesday, Thursday, Friday and Saturday at 7:00 AM: take your tablets."


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("remind me every day at 7 to take my tablets except on Sundays", BUT_SUNDAYS),
        ("remind me every day at 7 to take my tablets, not on Sundays", BUT_SUNDAYS),
        ("remind me to take my tablets every day at 7 but not on Sundays", BUT_SUNDAYS),
        ("remind me every day except on Sundays at 7 to take my tablets", BUT_SUNDAYS),
        ("remind me every day to take my tablets except on Sundays at 7", BUT_SUNDAYS),
        (
            "remind me every day at 7 to feed the cat, except Saturdays and Sundays please",
            "Okay, every weekday at 7:00 AM: feed the cat.",
        ),
        (
            "set an alarm every day for school at 7 except on weekends",
            "Okay. Your school alarm will ring every weekday at 7:00 AM.",
        ),
        (
            "remind me every day at 7 to eat everything except bread",
            "Okay, every day at 7:00 AM: eat everything except bread.",
        ),
        (
            "remind me every Monday at 7 to put out all bins but not the blue one",
            "Okay, every Monday at 7:00 AM: put out all bins but not the blue one.",
        ),
        ("Except on Sundays, remind me at 7 to take my tablets.", BUT_SUNDAYS),
        ("remind me to take my tablets at 7 unless it's a Sunday", BUT_SUNDAYS),
        (
            "Except Saturdays and Sundays, set an alarm for six thirty",
            "Okay. Your alarm will ring every weekday at 6:30 AM.",
        ),
        ("remind me to call Bob, but not on Sunday", "When shall I remind you?"),
        ("remind me not on Sunday but on Monday at nine to call Bob", "Okay, tomorrow at 9:00 AM: call Bob."),
    ],
)
async def test_they_are_left_out(talk: Talk, said: str, reply: str) -> None:
    assert await talk(said) == reply
