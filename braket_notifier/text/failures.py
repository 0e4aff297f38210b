"""The failure of a connection in words, because its own text may hold the request with a secret."""

LOST, LATE, UNREADABLE = "a lost connection", "no answer in time", "an unreadable answer"
#: Words for each class, and those derived from it; botocore's classes are known by name, so that nothing imports them.
_WORDS = {
    "gaierror": "an unknown name of the host",
    "ConnectionRefusedError": "a refused connection",
    "ConnectionResetError": LOST,
    "ConnectionAbortedError": LOST,
    "BrokenPipeError": LOST,
    "ConnectionClosedError": LOST,
    "SMTPServerDisconnected": LOST,
    "TimeoutError": LATE,
    "ConnectTimeoutError": LATE,
    "ReadTimeoutError": LATE,
    "SSLCertVerificationError": "an invalid certificate",
    "SSLError": "an encryption that fails",
    "SMTPNotSupportedError": "no encryption, or no login",
    "ConnectionError": "no connection",
    "EndpointConnectionError": "no connection",
    "ProxyConnectionError": "a proxy that does not connect",
    "HTTPException": UNREADABLE,
    "SMTPException": "a refusal",
    "InvalidURL": "an invalid address",
    "ResponseParserError": UNREADABLE,
    "LookupError": UNREADABLE,
    "TypeError": UNREADABLE,
    "ValueError": "an unreadable address or answer",
}


def in_words(error: BaseException) -> str:
    known = (_WORDS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _WORDS)
    return next(known, "") or getattr(error, "strerror", "") or f"an unexpected failure ({type(error).__name__})"
