"""Faults of the rehearsal: on this machine only, and Braket's from another program."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local.braket.emulator import Braket
from local.rehearsal.place import BRAKET, CLOUD, SLACK, NotHereError, place_of
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


def test_another_program_lets_braket_refuse_an_operation_until_it_ends_that() -> None:
    with Braket() as braket:
        client = client_of(braket)

        call(braket.url, "POST", {"operation": "SearchDevices", "code": "ThrottlingException"})
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.search_devices(filters=[])
        call(braket.url, "DELETE", {})

        assert client.search_devices(filters=[])["devices"]
        client.close()


def call(url: str, method: str, content: dict[str, str]) -> None:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request(method, "/_faults", json.dumps(content))
    assert connection.getresponse().status == 200
    connection.close()
