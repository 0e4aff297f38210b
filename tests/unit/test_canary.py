"""The check for secrets in captured output finds a secret that is there."""

import sys

import pytest

from tests import canary, conftest


def test_an_expected_error_that_shows_a_secret_fails_its_test() -> None:
    with pytest.raises(AssertionError, match="LookupError shows a secret"), pytest.raises(LookupError):
        raise LookupError from ValueError(canary.TOKEN)


def test_output_that_shows_a_secret_fails_its_test(capsys: pytest.CaptureFixture[str]) -> None:
    sys.stderr.write(canary.WEBHOOK)

    with pytest.raises(AssertionError, match="a secret was printed"):
        capsys.readouterr()


@pytest.mark.parametrize(("text", "outcome"), [("all is well", "passed"), (f"sent with {canary.TOKEN}", "failed")])
@pytest.mark.parametrize("kind", ["stdout", "stderr", "log"])
def test_captured_output_is_checked_in_the_report(kind: str, text: str, outcome: str) -> None:
    sections = [(f"Captured {kind} call", text)]
    report = pytest.TestReport("a test", ("", 0, ""), {}, "passed", None, "call", sections)
    looking = conftest.pytest_runtest_makereport()
    next(looking)

    with pytest.raises(StopIteration) as done:
        looking.send(report)

    assert done.value.value.outcome == outcome
