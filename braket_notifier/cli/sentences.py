"""What went wrong, in one sentence that says what to do: the one place that knows botocore's errors."""

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError


class CommandError(Exception):
    """What was asked for cannot be done; the message says why and what can."""


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
_SERVER = 500


def sentence(error: Exception) -> str:
    """One line, whatever the error says in how many."""
    if isinstance(error, ClientError):
        said = _refusal(error)
    elif isinstance(error, BotoCoreError):
        said = _failure(error)
    elif isinstance(error, OSError):
        said = f"{error.filename}: {error.strerror}" if error.filename else f"{type(error).__name__}: {error}"
    else:
        said = str(error)
    return " ".join(said.split())


def code_of(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "Unknown")


def is_throttled(error: ClientError) -> bool:
    code = code_of(error)
    return code in _THROTTLED or "Throttl" in code or "TooManyRequests" in code


def is_denied(error: ClientError) -> bool:
    return code_of(error) in _DENIED or code_of(error).startswith("AccessDenied")


def _failure(error: BotoCoreError) -> str:
    """Nothing was answered by AWS, or nothing asked."""
    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            return "there are no AWS credentials: run `aws configure`, or name a profile by --profile"
        case boto.ProfileNotFound():
            return f"{error}: `aws configure list-profiles` shows those there are"
        case _ if isinstance(error, _LOGGED_OUT):
            return "your AWS login has ended: run `aws sso login`, then try again"
        case boto.NoRegionError() | boto.InvalidRegionError():
            return f"{error}: name a region by --region"
        case _ if isinstance(error, _UNREACHABLE):
            return f"AWS cannot be reached ({error}): is there a network, and is the region right?"
        case _:
            return f"AWS could not be asked ({type(error).__name__}): {error}"


def _refusal(error: ClientError) -> str:
    """AWS answered, and said no."""
    code, operation = code_of(error), error.operation_name
    message = error.response.get("Error", {}).get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if is_throttled(error):
        return f"AWS asks for fewer requests ({code} from {operation}): try again in a minute"
    if is_denied(error):
        return f"your credentials may not do {operation} ({code}): {message or 'ask for that right'}"
    if code in _EXPIRED:
        return f"your AWS credentials have expired ({code}): log in again, then try again"
    if code in _UNKNOWN_KEYS:
        return f"AWS does not know your credentials ({code}): try `aws sts get-caller-identity`"
    if status >= _SERVER:
        return f"AWS fails for the moment ({code} from {operation}): try again in a minute"
    return f"AWS refuses {operation} ({code}): {message}"
