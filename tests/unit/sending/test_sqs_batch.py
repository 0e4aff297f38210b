from braket_notifier.errors import DeferError
from braket_notifier.sending.sqs_batch import Record, process


def record(name: str) -> Record:
    return {"messageId": name, "receiptHandle": "", "body": name, "attributes": {}}


def test_a_record_that_fails_comes_again_and_keeps_no_other_from_its_turn() -> None:
    """What was put back has said so itself."""
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


def test_lambda_itself_fails_for_nothing_that_a_record_does() -> None:
    """All failed is said record by record too: an exception would bring back what somebody has put off."""
    answer = process([record("a")], lambda _: 1 / 0, lambda *_: None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "a"}]}
