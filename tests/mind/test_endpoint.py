"""The endpoint of the settings, and its key."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from voiceos.config.settings import MindSettings
from voiceos.errors import ConfigError
from voiceos.mind.endpoint import Endpoint, read_key, remote_endpoint

URL = "https://api.example.com/v1"


def settings(**values: Any) -> MindSettings:
    return MindSettings(base_url=URL, model="large").model_copy(update=values)


def test_an_endpoint_never_shows_its_key() -> None:
    endpoint = remote_endpoint(settings(api_key=SecretStr("sk-secret")), {})
    assert endpoint == Endpoint(URL, "large", "sk-secret")
    assert "secret" not in repr(endpoint)


@pytest.mark.parametrize(
    "url",
    [
        "api.example.com/v1",
        "ftp://example.com",
        "https://",
        "https://me:pw@example.com/v1",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:0/v1",
        "http://127.0.0.1:abc/v1",
        "http://[::1/v1",
        "http://exa mple.com/v1",
        "https://example.com/v1?key=pw",
    ],
)
def test_an_address_that_cannot_be_one(url: str) -> None:
    with pytest.raises(ConfigError, match=r"mind\.base_url") as caught:
        remote_endpoint(settings(base_url=url), {})
    assert "pw" not in str(caught.value)


def test_a_remote_model_must_be_named() -> None:
    with pytest.raises(ConfigError, match=r"mind\.model"):
        remote_endpoint(settings(model="auto"), {})


def test_a_key_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(" sk-secret\n")
    file.chmod(0o600)
    assert read_key(settings(api_key_file=file), {}) == "sk-secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key"
    file.write_text("sk-secret")
    file.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        read_key(settings(api_key_file=file), {})
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"two\nlines", b"\xff\xfe\x00", b"with space"])
def test_a_file_that_holds_no_key(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="only the key"):
        read_key(settings(api_key_file=file), {})


def test_a_missing_key_file_and_a_folder(tmp_path: Path) -> None:
    for file in (tmp_path / "none", tmp_path):
        with pytest.raises(ConfigError, match=r"mind\.api_key_file"):
            read_key(settings(api_key_file=file), {})


def test_systemds_credential(tmp_path: Path) -> None:
    file = tmp_path / "llm-api-key"
    file.write_text("sk-systemd")
    file.chmod(0o440)  # as systemd shows it: access is granted by an ACL
    credentials = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert read_key(settings(), credentials) == "sk-systemd"
    assert read_key(settings(api_key_file=file), credentials) == "sk-systemd"
    assert read_key(settings(api_key=SecretStr("sk-own")), credentials) == "sk-own"
    assert read_key(settings(), {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")}) == ""


def test_no_key_at_all() -> None:
    assert read_key(settings(), {}) == ""
