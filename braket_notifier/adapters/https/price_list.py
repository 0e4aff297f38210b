"""Read AWS's public price list over HTTPS: one host, no redirect, a bounded time and size."""

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from urllib.parse import urlsplit

from braket_notifier.adapters.https.call import BoundedResponse
from braket_notifier.costs.prices import Prices, parse_prices
from braket_notifier.errors import UnusablePricesError
from braket_notifier.text.failures import in_words

#: The list of Amazon Braket, in every region's prices.
HOST, PATH = "https://pricing.us-east-1.amazonaws.com", "/offers/v1.0/aws/AmazonBraket/current/index.csv"
#: Seconds for the whole list, its most bytes, and the most characters of one line.
LONGEST_S, LARGEST, LONGEST_LINE = 10.0, 50_000_000, 1_000_000
_CHUNK = 64 * 1024
_OK = 200


def price_list_url(environment: Mapping[str, str]) -> str:
    """The URL of the list; empty where Braket is at another endpoint, because AWS's prices are not those of it."""
    if endpoint := environment.get("AWS_ENDPOINT_URL_PRICING"):
        return endpoint + PATH
    elsewhere = environment.get("AWS_ENDPOINT_URL") or environment.get("AWS_ENDPOINT_URL_BRAKET")
    return "" if elsewhere else HOST + PATH


class AwsPriceList:
    """The port `PriceSource`."""

    def __init__(self, today: Callable[[], date], url: str = HOST + PATH, longest_s: float = LONGEST_S) -> None:
        """Another `url` is that of a list on this machine."""
        self._today = today
        self._url = urlsplit(url)
        self._longest_s = longest_s

    def fetch(self) -> Prices:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        deadline = monotonic() + self._longest_s
        try:
            with closing(kind(self._url.netloc, timeout=self._longest_s)) as connection:
                connection.response_class = BoundedResponse
                connection.request("GET", self._url.path, headers={"User-Agent": "braket-status-notifier"})
                connection.sock.settimeout(max(deadline - monotonic(), 0.001))
                answer = connection.getresponse()
                if answer.status != _OK:
                    raise UnusablePricesError(f"the price list answers {answer.status} {answer.reason}"[:200])
                chunks = iter(lambda: answer.read1(_CHUNK), b"")
                found = parse_prices(_lines(_bounded(chunks)), self._today())
                if answer.length:
                    raise UnusablePricesError(f"{answer.length} bytes of the price list are missing")
                return found
        except (OSError, HTTPException) as error:
            raise UnusablePricesError(f"the price list could not be read: {in_words(error)}") from error


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise UnusablePricesError(f"the price list has more than {LARGEST} bytes")
        yield chunk


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Split the list into its lines as it comes, so that it is never in memory as a whole."""
    decoder, rest = getincrementaldecoder("utf-8")(), ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from (f"{line}\n" for line in lines)
        if len(rest) > LONGEST_LINE:
            raise UnusablePricesError(f"a line of the price list has more than {LONGEST_LINE} characters")
    yield rest + decoder.decode(b"", final=True)
