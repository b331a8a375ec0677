"""Questions about the owner by name, as the owner would ask them."""

import pytest

from voiceos.language.own_name import in_first_person

NAMES = ("Ann Lee", "Bea", "ann@example.org")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Where does Ann Lee keep her keys?", "Where do I keep my keys?"),
        ("Who is Ann Lee's dentist?", "Who is my dentist?"),
        ("What did Tom give to Ann Lee in May?", "What did Tom give to me in May?"),
        (
            "In May, when Ann Lee met her cousin Zoe, what did she order?",
            "In May, when I met my cousin Zoe, what did she order?",
        ),
        ("What has Ann Lee said to her friend about herself?", "What have I said to my friend about myself?"),
        ("When did Ann Lee's mother say that she would come?", "When did my mother say that she would come?"),
        ("Which park did Ann Lee and Tom go to?", "Which park did I and Tom go to?"),
    ],
)
def test_the_owner_asks_about_themself(asked: str, meant: str) -> None:
    assert in_first_person(asked, NAMES) == meant


@pytest.mark.parametrize(
    "said",
    ["Where does Bea live?", "Who is Ann Lee Miller?", "Who is Joann Lee?", "Ann Lee has a cat.", "Where is Ann?"],
)
def test_what_may_be_another_is_left_as_it_is(said: str) -> None:
    assert in_first_person(said, NAMES) == said
