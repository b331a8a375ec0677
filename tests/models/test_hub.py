"""Fetching from the hub: cut off, wrong, absent, silent."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from voiceos.errors import ModelError
from voiceos.models.hub import Hub
from voiceos.models.progress import Doing, Progress
from voiceos.models.shelf import Shelf, State

BODY = bytes(range(256)) * 4096  # 1 MiB


def make_hub(fake: Any, **options: Any) -> Hub:
    return Hub(fake.url, pause=lambda _: None, **options)


def make_shelf(tmp_path: Path, fake: Any, *models: Any, **options: Any) -> Shelf:
    return Shelf(tmp_path / "models", models=models, hub=make_hub(fake, **options))


def test_pulls_and_verifies(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    shelf = make_shelf(tmp_path, hub, model(file_on_hub("a.gguf", BODY)))
    told: list[Progress] = []
    status = shelf.pull("tiny", told.append)
    assert status.state is State.INSTALLED
    assert shelf.path("tiny").read_bytes() == BODY
    assert told[-1].doing is Doing.DONE
    done = [one.done for one in told if one.doing is Doing.FETCHING]
    assert done == sorted(done)
    assert done[-1] == len(BODY)
    assert sorted(path.name for path in shelf.folder_of("tiny").iterdir()) == ["a.gguf"]


def test_goes_on_where_it_was_cut_off(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    shelf = make_shelf(tmp_path, hub, model(file_on_hub("a.gguf", BODY)))
    hub.cut_after = [300_000, 200_000]
    shelf.pull("tiny")
    assert shelf.path("tiny").read_bytes() == BODY
    assert hub.sent == len(BODY), "no byte was sent twice"
    assert len([request for request in hub.requests if "bytes=" in request]) == 2


def test_the_next_pull_goes_on_too(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    tiny = model(file_on_hub("a.gguf", BODY))
    hub.cut_after = [300_000, 0]
    with pytest.raises(ModelError, match="stopped answering at 300000 bytes"):
        make_shelf(tmp_path, hub, tiny, attempts=1).pull("tiny")
    shelf = make_shelf(tmp_path, hub, tiny)
    assert shelf.status("tiny").state is State.MISSING
    shelf.pull("tiny")
    assert shelf.path("tiny").read_bytes() == BODY
    assert hub.sent == len(BODY)


def test_what_had_come_whole_is_not_fetched_again(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    file = file_on_hub("a.gguf", BODY)
    partial = tmp_path / "models" / "tiny" / ".partial"
    partial.mkdir(parents=True)
    (partial / f"a.gguf.{file.sha256[:12]}").write_bytes(BODY)
    assert make_shelf(tmp_path, hub, model(file)).pull("tiny").ready
    assert hub.requests == []


def test_a_server_without_ranges_is_asked_for_all(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    hub.ranges = False
    hub.cut_after = [300_000]
    shelf = make_shelf(tmp_path, hub, model(file_on_hub("a.gguf", BODY)))
    shelf.pull("tiny")
    assert shelf.path("tiny").read_bytes() == BODY


def test_a_kept_beginning_that_is_bad_is_dropped(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    tiny = model(file_on_hub("a.gguf", BODY))
    hub.cut_after = [300_000, 0]
    with pytest.raises(ModelError):
        make_shelf(tmp_path, hub, tiny, attempts=1).pull("tiny")
    (kept,) = (tmp_path / "models" / "tiny" / ".partial").iterdir()
    kept.write_bytes(b"\0" * kept.stat().st_size)
    shelf = make_shelf(tmp_path, hub, tiny)
    shelf.pull("tiny")
    assert shelf.path("tiny").read_bytes() == BODY


def test_passing_trouble_is_waited_out(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    hub.statuses = [503, 429]
    shelf = make_shelf(tmp_path, hub, model(file_on_hub("a.gguf", BODY)))
    assert shelf.pull("tiny").ready


def test_another_file_there_is_refused_before_it_is_fetched(
    tmp_path: Path, hub: Any, file_on_hub: Any, model: Any
) -> None:
    file = file_on_hub("a.gguf", BODY)
    hub.files[next(iter(hub.files))] = BODY[::-1]
    with pytest.raises(ModelError, match="now has a different file"):
        make_shelf(tmp_path, hub, model(file)).pull("tiny")
    assert list((tmp_path / "models" / "tiny" / ".partial").iterdir()) == []


def test_a_wrong_hash_leaves_nothing(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    file = file_on_hub("a.gguf", BODY)
    path = next(iter(hub.files))
    hub.lies[path] = file.sha256
    hub.files[path] = BODY[::-1]
    shelf = make_shelf(tmp_path, hub, model(file))
    with pytest.raises(ModelError, match="its hash is wrong"):
        shelf.pull("tiny")
    assert not (tmp_path / "models" / "tiny" / "a.gguf").exists()
    assert shelf.status("tiny").state is State.MISSING


def test_more_than_the_size_is_refused(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    file = file_on_hub("a.gguf", BODY)
    hub.append = b"and more"
    with pytest.raises(ModelError, match="sent more than the file's size"):
        make_shelf(tmp_path, hub, model(file)).pull("tiny")


def test_absent_there(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    file = file_on_hub("a.gguf", BODY)
    hub.files.clear()
    with pytest.raises(ModelError, match=r"does not have this file.*voiceos models pull tiny"):
        make_shelf(tmp_path, hub, model(file)).pull("tiny")


def test_a_hub_that_hangs_is_left(tmp_path: Path, hub: Any, file_on_hub: Any, model: Any) -> None:
    hub.hang = threading.Event()
    files = file_on_hub("a.gguf", BODY), file_on_hub("b.json", b"{}")
    shelf = make_shelf(tmp_path, hub, model(*files), read_seconds=0.1)
    with pytest.raises(ModelError, match=r"cannot be reached \(no answer in time\)"):
        shelf.pull("tiny")
    with pytest.raises(ModelError, match="cannot be reached"):
        shelf.pull("tiny")
    assert len(hub.requests) == 1, "it is asked once"


def test_offline_is_one_sentence(tmp_path: Path, file_on_hub: Any, model: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = Hub(f"http://127.0.0.1:{unused.getsockname()[1]}", pause=lambda _: None)
        shelf = Shelf(tmp_path / "models", models=[model(file_on_hub("a.gguf", BODY))], hub=nobody)
        with pytest.raises(ModelError) as failure:
            shelf.pull("tiny")
    sentence = str(failure.value)
    assert sentence.startswith("Model tiny could not be fetched (hub us/repo@0123456789: cannot be reached (")
    assert sentence.endswith("Try again with: voiceos models pull tiny")
    assert "\n" not in sentence


def test_the_endpoint_may_be_a_mirror(
    tmp_path: Path, hub: Any, file_on_hub: Any, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/")
    shelf = Shelf(tmp_path / "models", models=[model(file_on_hub("a.gguf", BODY))])
    assert shelf.pull("tiny").ready


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ALL_PROXY", "gopher://127.0.0.1:70", "check the proxy settings"),
        ("ALL_PROXY", "socks5://127.0.0.1:9", "check the proxy settings"),
        ("HTTP_PROXY", ":::bad", "check the proxy settings"),
        ("SSL_CERT_FILE", "/nonexistent", "SSL_CERT_FILE"),
    ],
)
def test_what_the_environment_says_of_the_network_and_is_wrong(
    tmp_path: Path,
    hub: Any,
    file_on_hub: Any,
    model: Any,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    told: str,
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ModelError, match=told):
        make_shelf(tmp_path, hub, model(file_on_hub("a.gguf", BODY))).pull("tiny")
