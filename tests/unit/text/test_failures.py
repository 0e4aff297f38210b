"""The words for the failure of a connection."""

import smtplib
import socket
import ssl
from http.client import IncompleteRead, InvalidURL, RemoteDisconnected

import pytest
from botocore.exceptions import EndpointConnectionError, ProxyConnectionError, ReadTimeoutError

from braket_notifier.text.failures import in_words

SECRET = "https://hooks.example.org/secret"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, SECRET), "an unknown name of the host"),
        (TimeoutError(SECRET), "no answer in time"),
        (ReadTimeoutError(endpoint_url=SECRET), "no answer in time"),
        (ConnectionResetError(SECRET), "a lost connection"),
        (RemoteDisconnected(SECRET), "a lost connection"),
        (smtplib.SMTPServerDisconnected(SECRET), "a lost connection"),
        (EndpointConnectionError(endpoint_url=SECRET), "no connection"),
        (ProxyConnectionError(proxy_url=SECRET), "a proxy that does not connect"),
        (ssl.SSLCertVerificationError(SECRET), "an invalid certificate"),
        (ssl.SSLError(SECRET), "an encryption that fails"),
        (smtplib.SMTPHeloError(421, SECRET), "a refusal"),
        (IncompleteRead(b""), "an unreadable answer"),
        (KeyError(SECRET), "an unreadable answer"),
        (InvalidURL(SECRET), "an invalid address"),
        (OSError(113, "No route to host"), "No route to host"),
        (AssertionError(SECRET), "an unexpected failure (AssertionError)"),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else None,
)
def test_a_failure_has_words_without_its_own_text(error: Exception, words: str) -> None:
    assert in_words(error) == words
