"""What was bought was not sold by that."""

import pytest

from voiceos.memory.recall.opposite import Opposite


@pytest.mark.parametrize(
    ("question", "text", "tells_opposite"),
    [
        ("When did we sell the van?", "We bought the van in 2014.", True),
        ("When did we sell the van?", "We sold the van we had bought in 2014.", False),
        ("When does term start?", "Term ends on 18 December.", True),
        ("When does term start?", "We began on Monday, until the end of May.", False),
        ("When did I finish learning it?", "I've been learning it since May.", True),
        ("When did she stop working?", "She started work in 2001.", True),
        ("Where is the van?", "We bought the van in Leeds.", False),
    ],
)
def test_it_tells_the_opposite(question: str, text: str, tells_opposite: bool) -> None:
    assert Opposite(question)(text) is tells_opposite
