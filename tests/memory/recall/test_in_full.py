"""A question that names nothing goes on with what was said before it."""

import pytest

from voiceos.memory.recall.parts import in_full


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("So when is it?", "I must get Mum a present. So when is it?"),
        ("How long till then?", "I must get Mum a present. How long till then?"),
        ("So when is the vet?", "So when is the vet?"),
        ("All right.", "All right."),
    ],
)
def test_in_full(question: str, whole: str) -> None:
    assert in_full(question, ["I must get Mum a present."]) == whole
    assert in_full(question, []) == question
