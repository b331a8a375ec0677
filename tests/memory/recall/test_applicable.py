"""Whose thing a line can tell of, and of which time."""

from datetime import UTC, datetime

import pytest

from voiceos.core import Recalled
from voiceos.memory.recall.applicable import Applicable

NOW = datetime(2026, 12, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("question", "line", "said", "author", "fits"),
    [
        ("What's the combination of Carrie's safe?", "Changed the safe, Carrie said so. It's 22.", 12, "you", False),
        ("What's Carrie's phone number?", "I called Carrie and we talked for an hour.", 2, "you", False),
        ("What's Carrie's phone number?", "Carrie has a new number, 555.", 2, "you", True),
        ("What's Carrie's phone number?", "It's 555 now.", 2, "Carrie", True),
        ("What did Carrie paint?", "I painted a heron.", 2, "Wilf", False),
        ("What did Carrie Ann paint?", "I painted a heron.", 2, "Carrie Ann", True),
        ("What did Carrie paint?", "I love your heron.", 2, "Wilf", True),
        ("What did Carrie paint?", "Carrie, how are you? I painted a heron.", 2, "Wilf", False),
        ("What did Carrie paint?", "Thanks, Carrie! I paint herons.", 2, "Wilf", False),
        ("What did Carrie paint?", "I saw the heron that Carrie painted.", 2, "Wilf", True),
        ("What's the number of Wilf's daughter?", "Wilf fell, but his daughter gave me hers, 555.", 2, "you", True),
        ("What size are Wilf's socks?", "Wilf: thermal socks, size 9", 2, "you", True),
        ("What rent do I pay?", "I moved. The rent is 920, and my landlord is nice.", 2, "Wilf", False),
        ("What rent do I pay?", "The rent is 920, and my landlord is nice.", 2, "you", True),
        ("What rent do we pay?", "Our rent is 920, and my landlord wants it early.", 2, "Wilf", True),
        ("What rent do I pay?", "The rent is 920 from May.", 2, "Homely Lets", True),
        ("When do I fetch Wilf?", "I land at 9 with my sister.", 2, "Wilf", True),
        ("How much did I weigh in June?", "I weigh 189 now.", 6, "you", True),
        ("How much did I weigh in March?", "I weigh 189 now.", 6, "you", False),
        ("How much did I weigh in 2019?", "I weigh 189 now.", 6, "you", False),
        ("How much did we get in 2023?", "They brought 412 litres, next time is in March.", 2, "you", False),
        ("How much did I weigh in 2019?", "I weighed 200 in 2019.", 6, "you", True),
        ("How much do I weigh?", "I weigh 189 now.", 6, "you", True),
        ("How old will my mum be on Saturday?", "My mum was born in 1960.", 2, "you", True),
        ("What do I need on Saturday?", "On Saturday I need a rope.", 12, "you", True),
        ("What do I need for the party in January?", "I need a hat for the party.", 11, "you", True),
    ],
)
def test_what_a_line_can_tell(question: str, line: str, said: int, author: str, fits: bool) -> None:
    memory = Recalled("1", line, author=author, at=datetime(2026, said, 6, tzinfo=UTC))
    assert Applicable.of(question, NOW)(memory) is fits
