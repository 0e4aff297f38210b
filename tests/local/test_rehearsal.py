"""Faults of the rehearsal: on this machine only, and Braket's from another program."""

import json
from argparse import Namespace
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local.braket.emulator import Braket
from local.cloud.alarm_rule import Rule
from local.cloud.measured import WatchedAlarm
from local.rehearsal import __main__ as rehearsal
from local.rehearsal.place import BRAKET, CLOUD, SLACK, NotHereError, Place, place_of
from tests.local.braket_world import client_of

HERE = dict.fromkeys((CLOUD, BRAKET, SLACK), "http://127.0.0.1:8000")


@pytest.mark.parametrize(
    "environ",
    [
        {},
        # an AWS account, for one of the three
        {**HERE, CLOUD: "https://sqs.us-east-1.amazonaws.com"},
        {**HERE, SLACK: ""},
        {**HERE, BRAKET: "http://127.0.0.1.example.org"},
    ],
)
def test_no_fault_leaves_this_machine(environ: dict[str, str]) -> None:
    with pytest.raises(NotHereError, match="make run KEEP=1"):
        place_of(environ)


def test_an_alarm_that_does_not_exist_is_refused_with_the_names_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    known = WatchedAlarm("errors", "OK", "Errors", 0, Rule(0, 2, 3, missing_data_fires=False), 300)
    monkeypatch.setattr(rehearsal, "points_of", lambda _: {})
    monkeypatch.setattr(rehearsal, "alarms_of", lambda *_: [known])

    with pytest.raises(NotHereError, match="eror is no alarm; allowed: errors"):
        rehearsal.alarm(place_of_nothing(), Namespace(alarm="eror"))


def test_another_program_lets_braket_refuse_an_operation_until_it_ends_that() -> None:
    with Braket() as braket:
        client = client_of(braket)

        call(braket.url, "POST", {"operation": "SearchDevices", "code": "ThrottlingException"})
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.search_devices(filters=[])
        call(braket.url, "DELETE", {})

        assert client.search_devices(filters=[])["devices"]
        client.close()


def place_of_nothing() -> Place:
    return Place("braket-notifier", "us-east-1", {})


def call(url: str, method: str, content: dict[str, str]) -> None:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request(method, "/_faults", json.dumps(content))
    assert connection.getresponse().status == 200
    connection.close()
