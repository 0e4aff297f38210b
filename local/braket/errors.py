"""The errors of Braket's service model."""

STATUS = {
    "ValidationException": 400,
    "ServiceQuotaExceededException": 402,
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
    "UnknownOperationException": 404,  # not Braket's own: AWS's answer to a path without an operation
    "ConflictException": 409,
    "DeviceRetiredException": 410,
    "DeviceOfflineException": 424,
    "ThrottlingException": 429,
    "InternalServiceException": 500,
}


class BraketError(Exception):
    """A refusal, with the code and the message for the client."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = STATUS[code]


def invalid(message: str) -> BraketError:
    return BraketError("ValidationException", message)


def not_found(arn: str) -> BraketError:
    return BraketError("ResourceNotFoundException", f"The specified resource {arn} was not found.")
