"""What a setting is: its default, its unit, its help, and the kinds of values that several have."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def setting(default: Any, help: str, *, unit: str = "", **limits: Any) -> Any:
    """A documented setting. `limits` are pydantic's: ge, le, gt, lt, min_length."""
    return Field(default, description=help, json_schema_extra={"unit": unit} if unit else None, **limits)


def section(cls: type[BaseModel]) -> Any:
    return Field(default_factory=cls, description=(cls.__doc__ or "").strip().splitlines()[0])


def _absolute(path: Path) -> Path:
    if not path.is_absolute() and not str(path).startswith("~"):
        raise ValueError
    return path


FullPath = Annotated[Path, AfterValidator(_absolute)]
"""A path that means the same wherever voiceos is started; `~` may begin it."""


def _plain(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
        raise ValueError("a name has letters, digits, - and _ only, 40 at most")
    return name


Name = Annotated[str, AfterValidator(_plain)]
"""What somebody calls one of several."""


def _web(words: str) -> str:
    """A web address, perhaps with words after it."""
    url = urlsplit(words.split()[0])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError
    return words


def _no_more(address: str) -> str:
    if len(address.split()) > 1:
        raise ValueError
    return address


WebAddress = Annotated[str, Field(min_length=1), AfterValidator(_no_more), AfterValidator(_web)]
Where = Annotated[str, AfterValidator(lambda words: _web(words) if words.strip() else "")]


Words = Annotated[str, Field(min_length=1, json_schema_extra={"format": "text"})]


class Settings(BaseModel):
    """A section. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
