"""Whether something was said to the assistant that nobody called: by its meaning, or because a skill takes it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from voiceos.core import Transcript, Turn
from voiceos.language.data import FOLDER
from voiceos.mind.requests import Requests
from voiceos.mind.router import Router
from voiceos.skills.addressed import Addressed


@pytest.mark.parametrize(("away", "may_be"), [(-0.01, False), (0.01, True)])
def test_the_limit_decides(away: float, may_be: bool) -> None:
    with np.load(FOLDER / "en" / "addressed.npz") as stored:
        meaning, offset, sure = (stored[name].astype(np.float32) for name in ("meaning", "offset", "sure"))
    score = np.log(sure[0] / (1 - sure[0])) + away - offset[0]
    heard: list[str] = []

    def encode(text: str) -> Any:
        heard.append(text)
        return meaning * score / (meaning @ meaning)

    assert Addressed(encode)(" Not yet. ") is may_be
    assert heard == ["Not yet"]


@pytest.mark.parametrize(
    ("asked", "judged", "is_for_us"),
    [([], False, False), ([], True, True), (["clock.time"], False, True), ([], None, True)],
)
def test_what_a_skill_takes_is_for_us_whatever_the_judge_says(
    asked: Sequence[str], judged: bool | None, is_for_us: bool
) -> None:

    def asks(turn: Turn) -> Sequence[str]:
        return asked

    router = cast(Router, SimpleNamespace(asked=asks))
    requests = Requests(router, None, None if judged is None else lambda text: bool(judged))
    assert requests.is_for_us(Turn("", "", transcript=Transcript("Not yet."))) is is_for_us
