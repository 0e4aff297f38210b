"""Turns errors, botocore's too, into one sentence with the remedy."""

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from braket_notifier.text.failures import in_words


class CommandError(Exception):
    """A command that cannot be done. The message has the reason and the remedy."""


_THROTTLED = {"RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete", "LimitExceededException"}
_DENIED = {"UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "AuthorizationErrorException"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN_KEYS = {
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationToken",
}
_UNREACHABLE = (boto.HTTPClientError, boto.EndpointConnectionError)
_LOGGED_OUT = (
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.SSOTokenLoadError,
    boto.CredentialRetrievalError,
)
#: The first status of an error of the server's.
SERVER_ERROR = 500


class PageError(boto.HTTPClientError):
    """A page for people came in the place of AWS's answer."""

    fmt = "a web page came in the place of the answer to {operation}, as from a network that wants a login"


def sentence(error: Exception) -> str:
    """The error as one line, without line breaks of its own text."""
    if isinstance(error, ClientError):
        message = _refusal(error)
    elif isinstance(error, BotoCoreError):
        message = _failure(error)
    elif isinstance(error, ResponseParserError):  # its text holds the whole answer
        message = "something else than AWS answered the request, as a proxy may: check the network and AWS_ENDPOINT_URL"
    elif isinstance(error, OSError):
        message = f"{error.filename}: {error.strerror}" if error.filename else in_words(error)
    elif isinstance(error, EOFError):
        message = "the input ended before an answer: use the options that --help shows"
    elif isinstance(error, UnicodeDecodeError):
        message = "the input is no text in UTF-8"
    else:
        message = str(error)
    return " ".join(message.split())


def code_of(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "Unknown")


class Tolerated:
    """Ends its block after a refusal of AWS with one of these codes, as `suppress` does after an error of a class."""

    def __init__(self, *codes: str) -> None:
        self._codes = codes

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        return isinstance(error, ClientError) and code_of(error) in self._codes


def is_throttled(error: ClientError) -> bool:
    code = code_of(error)
    return code in _THROTTLED or "Throttl" in code or "TooManyRequests" in code


def is_denied(error: ClientError) -> bool:
    return code_of(error) in _DENIED or code_of(error).startswith("AccessDenied")


def _failure(error: BotoCoreError) -> str:
    """An error without an answer from AWS."""
    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            return "there are no AWS credentials: run `aws configure`, or name a profile with --profile"
        case boto.ProfileNotFound():
            return f"{error}: `aws configure list-profiles` lists your profiles"
        case _ if isinstance(error, _LOGGED_OUT):
            return "your AWS login has ended: run `aws sso login`, then try again"
        case boto.NoRegionError() | boto.InvalidRegionError():
            return f"{error}: name a region with --region"
        case _ if isinstance(error, _UNREACHABLE):
            return f"AWS cannot be reached ({error}): check the network and the region"
        case _:
            return f"the request to AWS failed: {error}"


def _refusal(error: ClientError) -> str:
    """Why AWS refuses the request, and what its caller can do."""
    code, operation = code_of(error), error.operation_name
    message = error.response.get("Error", {}).get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if is_throttled(error):
        return f"AWS asks for fewer requests ({code} from {operation}): try again in a minute"
    if is_denied(error):
        return f"your credentials may not do {operation} ({code}): {message or 'ask your administrator for that right'}"
    if code in _EXPIRED:
        return f"your AWS credentials have expired ({code}): log in again, then try again"
    if code in _UNKNOWN_KEYS:
        return f"AWS does not know your credentials ({code}): try `aws sts get-caller-identity`"
    if status >= SERVER_ERROR:
        return f"AWS has a temporary error ({code} from {operation}): try again in a minute"
    return f"AWS refuses {operation} ({code}): {message}"
