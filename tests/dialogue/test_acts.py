"""Stop, carry on, or answer."""

import pytest

from voiceos.dialogue.acts import Act, act_of, is_again, is_echo, said_since, without_names, without_wake_word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Act.NOTHING),
        ("...", Act.NOTHING),
        ("Stop.", Act.STOP),
        ("Stop it, please!", Act.STOP),
        ("Never mind.", Act.STOP),
        ("nevermind", Act.STOP),
        ("Okay, that's enough.", Act.STOP),
        ("Please be quiet", Act.STOP),
        ("Stop the music in the kitchen", Act.WORDS),
        ("Cancel my appointment", Act.WORDS),
        ("Mm-hmm.", Act.BACKCHANNEL),
        ("Uh-huh, yeah.", Act.BACKCHANNEL),
        ("I see.", Act.BACKCHANNEL),
        ("Yes, but what about Tuesday?", Act.WORDS),
        ("What time is it?", Act.WORDS),
    ],
)
def test_over_a_reply(text: str, expected: Act) -> None:
    assert act_of(text, over_reply=True) is expected


def test_yes_is_an_answer_when_nobody_speaks() -> None:
    assert act_of("Yes.", over_reply=False) is Act.WORDS


@pytest.mark.parametrize(
    ("text", "wake", "rest"),
    [
        ("Hey, Jarvis, what's the date today?", "hey_jarvis", "What's the date today?"),
        ("Alexa. Is the garage door open?", "alexa", "Is the garage door open?"),
        ("Alexia, play the Beatles", "openwakeword/alexa", "Play the Beatles"),
        ("Okay, Nabu turn on the light", "okay_nabu", "Turn on the light"),
        ("Okay Nabi, turn on the light", "okay_nabu", "Turn on the light"),
        ("What's the date today?", "alexa", "What's the date today?"),
        ("Alexa", "alexa", ""),
        ("Alexa, what's new?", None, "Alexa, what's new?"),
    ],
)
def test_the_wake_word_is_not_part_of_the_question(text: str, wake: str | None, rest: str) -> None:
    assert without_wake_word(text, wake) == rest


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Alexa set a timer for 10 seconds", "Set a timer for 10 seconds"),
        ("Alexa. Remember that the key is out.", "Remember that the key is out."),
        ("hey, Jarvis, hey jarvis what's new?", "What's new?"),
        ("Kitchen Friend: lights on", "Lights on"),
        ("Alexa.", ""),
        ("Stop. Alexa. Add sugar to my list.", "Add sugar to my list."),
        ("Alexa. Stop. Alexa.", "Stop."),
        ("What is the date? Alexa.", "What is the date?"),
        ("Set one for 5 minutes. Alexa, set one for 6.", "Set one for 5 minutes. Set one for 6."),
        ("Alexa's birthday is in May", "Alexa's birthday is in May"),
        ("Ann left. Alexa is in.", "Ann left. Alexa is in."),
        ("text Alexa, please", "text Alexa, please"),
    ],
)
def test_a_name_is_no_part_of_what_is_asked(text: str, rest: str) -> None:
    assert without_names(text, ("alexa", "hey_jarvis", "/x/wake/kitchen-friend.word")) == rest


def test_what_was_said_to_somebody_else_before_a_call_is_not_asked() -> None:
    text = "We went home. Alexa, set one for 5. Alexa, what time is it?"
    assert without_names(text, ("alexa",), lambda before: "set" in before.lower()) == "Set one for 5. What time is it?"


def test_without_names_nothing_is_taken_away() -> None:
    assert without_names("Alexa, hello", ()) == "Alexa, hello"


@pytest.mark.parametrize(
    ("text", "earlier", "rest"),
    [
        ("Set a timer for 10 minutes.", "Set a timer for", "10 minutes."),
        ("Set a timer. Stop.", "Set a timer.", "Stop."),
        ("What's the weather", "What's the weather?", ""),
        ("Completely different", "", "Completely different"),
    ],
)
def test_what_was_added(text: str, earlier: str, rest: str) -> None:
    assert said_since(text, earlier) == rest


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("22 November 2026.", True),
        ("today is Sunday the 22 November", True),
        ("Sunday?", False),
        ("What about Monday then?", False),
        ("What is the date tomorrow?", False),
        ("", False),
    ],
)
def test_its_own_words_are_not_the_users(text: str, echo: bool) -> None:
    assert is_echo(text, "Today is Sunday, 22 November 2026. Anything else?") is echo


@pytest.mark.parametrize(
    ("text", "earlier", "again"),
    [
        ("No, they are in the drawer.", "No, they're in the drawer.", True),
        ("I don't want it", "I do not want it.", True),
        ("turn it up", "Turn it up.", True),
        ("five", "Five.", False),
        ("add eggs to the list", "add milk to the list", False),
        ("", "", False),
    ],
)
def test_what_is_said_again(text: str, earlier: str, again: bool) -> None:
    assert is_again(text, earlier) is again
