"""A function that prints its event, calls AWS as asked under its own role, and returns its surroundings."""

import importlib.util
import json
import os
import sys
from typing import Any


def lambda_handler(event: dict[str, Any], _context: object) -> Any:
    print(json.dumps(event))  # noqa: T201  the log is how tests see an invocation that nobody waits for
    match event:
        case {"Records": records}:
            return {"batchItemFailures": [give_back(record) for record in records if record["body"] == "refuse"]}
        case {"call": [service, operation, arguments]}:
            return call(service, operation, arguments)
        case {"find": module}:
            found = importlib.util.find_spec(module)
            return found and found.origin
        case _:
            return {
                "environment": dict(os.environ),
                "path": sys.path,
                "version": sys.version,
                "process": os.getpid(),
            }


def give_back(record: dict[str, Any]) -> dict[str, str]:
    """Make a refused record visible at once."""
    handle = {"QueueUrl": os.environ["QUEUE_URL"], "ReceiptHandle": record["receiptHandle"]}
    call("sqs", "change_message_visibility", {**handle, "VisibilityTimeout": 0})
    return {"itemIdentifier": record["messageId"]}


def call(service: str, operation: str, arguments: dict[str, Any]) -> str:
    """The outcome of one API call: OK, or the code of the error."""
    import boto3  # noqa: PLC0415  not every cloud of the tests has it within a function's reach
    from botocore.exceptions import ClientError  # noqa: PLC0415  likewise

    try:
        getattr(boto3.client(service), operation)(**arguments)  # type: ignore[call-overload]  # by its literal name
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "OK"
