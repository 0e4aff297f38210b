"""A handler that returns nonsense."""


def handle(transition: object) -> object:
    return {"batchItemFailures": [{"itemIdentifier": "nobody"}], "statusCode": object(), "transition": transition}
