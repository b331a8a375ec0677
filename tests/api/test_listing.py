"""Lists and receipts over the API, beside a running host."""

from typing import Any

import pytest

from voiceos.errors import UsageError


def test_lists_are_changed_beside_a_running_host(served: Any) -> None:
    client = served.client
    assert client.call("lists.add", name="groceries", things=["milk", "a dozen eggs"]) == {
        "name": "shopping",
        "changed": ["milk", "12 eggs"],
        "already": [],
    }
    assert client.call("lists.add", name="shopping", things=["milk"])["already"] == ["milk"]
    assert client.call("lists.tick", name="shopping", things=["milk"])["changed"] == ["milk"]
    (shopping,) = client.call("lists.all")
    assert [thing["text"] for thing in shopping["things"]] == ["12 eggs"]
    assert [thing["text"] for thing in shopping["ticked"]] == ["milk"]
    assert client.call("lists.show", name="groceries") == shopping
    assert client.call("lists.clear", name="shopping", whole=True)["changed"] == ["12 eggs"]
    assert client.call("lists.all") == []
    assert client.call("acts.list") == []


def test_a_wrong_request_changes_nothing(served: Any) -> None:
    with pytest.raises(UsageError, match="things"):
        served.client.call("lists.add", name="shopping", things=[])
    with pytest.raises(UsageError, match="There is no list 'x'"):
        served.client.call("lists.tick", name="x", things=["milk"])
    assert served.client.call("lists.all") == []
