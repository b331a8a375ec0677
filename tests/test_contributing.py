"""The engine that CONTRIBUTING.md teaches to write works as it stands there."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"


def test_the_engine_of_the_guide_passes_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, test = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    morse = ModuleType("voiceos.engines.morse")
    exec(engine, vars(morse))
    monkeypatch.setitem(sys.modules, "voiceos.engines.morse", morse)
    names: dict[str, object] = {}
    exec(test, names)
    (check,) = (value for name, value in names.items() if name.startswith("test_"))
    assert callable(check)
    check()


def test_the_places_that_the_guide_names_exist() -> None:
    named = set(re.findall(r"`((?:voiceos|tests|device|docs|systemd)/[\w./]*)`", PAGE.read_text(encoding="utf-8")))
    named -= {"voiceos/engines/morse.py", "tests/engines/test_morse.py"}
    assert named
    assert [name for name in sorted(named) if not (PAGE.parent / name).exists()] == []
