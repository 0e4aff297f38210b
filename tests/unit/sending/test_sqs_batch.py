from braket_notifier.errors import DeferError
from braket_notifier.sending.sqs_batch import Record, process


def record(name: str) -> Record:
    return {"messageId": name, "receiptHandle": "", "body": name, "attributes": {}}


def test_a_failed_record_comes_again_and_stops_no_other() -> None:
    """The deferred record is already logged."""
    dealt, said = [], []

    def one(each: Record) -> None:
        dealt.append(each["body"])
        if each["body"] == "a":
            raise DeferError(1, "it waits")
        if each["body"] == "c":
            raise ValueError("broken")

    answer = process([record(name) for name in "abcd"], one, lambda each, error: said.append((each["body"], error)))

    assert dealt == ["a", "b", "c", "d"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "c"}]}
    assert [(name, str(error)) for name, error in said] == [("c", "broken")]


def test_no_record_s_error_fails_the_invocation() -> None:
    """Even if all records fail, an exception would bring the deferred ones back at once."""
    answer = process([record("a")], lambda _: 1 / 0, lambda *_: None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "a"}]}
