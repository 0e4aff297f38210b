"""The operator's requests to Slack."""

from urllib.parse import parse_qs

import pytest

from braket_notifier.cli import slack
from local.braket.serving import Request, Response, json_response, serving
from tests import canary


def test_channels_on_several_pages_are_all_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, list[str]]] = []

    def answer(request: Request) -> Response:
        asked.append(parse_qs(request.body.decode()))
        number = len(asked)
        more = {"next_cursor": f"page {number + 1}" if number < 3 else ""}
        channels = [{"id": f"C{number}", "name": f"room-{number}"}]
        return json_response({"ok": True, "channels": channels, "response_metadata": more})

    with serving(answer) as url:
        monkeypatch.setenv("SLACK_ENDPOINT_URL", url)
        found = slack.rooms(canary.TOKEN)

    assert [room.id for room in found] == ["C1", "C2", "C3"]
    assert [each.get("cursor") for each in asked] == [None, ["page 2"], ["page 3"]]
    assert {tuple(each["types"]) for each in asked} == {("public_channel,private_channel",)}
