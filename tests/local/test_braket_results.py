"""The results of an ended task in S3."""

import json
from collections import Counter
from typing import Any

import pytest

from local.braket.emulator import Event, FailedExecutable, Script, usual
from tests.local.braket_world import ANALOG, AQUILA, CEPHEUS, FORTE, BraketWorld, action, braket_world, program_set

FAILURES = (
    FailedExecutable(program=0, inputs_index=1, reason="No such gate", category="COMPILATION"),
    FailedExecutable(program=1, inputs_index=0, reason="Laser lost", category="DEVICE", retryable=True),
)


def result(it: BraketWorld, arn: str) -> Any:
    task = it.get(arn)
    return file(it, task, "results.json")


def file(it: BraketWorld, task: Any, path: str) -> Any:
    return json.loads(it.results[f"{task['outputS3Bucket']}/{task['outputS3Directory']}/{path}"])


def counted(results: Any) -> Counter[str]:
    return Counter("".join(map(str, row)) for row in results["measurements"])


def test_a_completed_task_has_measurements_of_its_qubits() -> None:
    with braket_world() as it:
        arn = it.task()
        it.push(2)
        found = result(it, arn)

        assert counted(found) == {"00": 48, "11": 48, "10": 2, "01": 2}
        assert found["measuredQubits"] == [0, 1]
        assert found["taskMetadata"]["id"] == arn
        assert found["additionalMetadata"]["simulatorMetadata"]["executionDuration"] == 800


@pytest.mark.parametrize("end", ["FAILED", "CANCELLED"])
def test_a_task_that_did_not_complete_has_no_result(end: str) -> None:
    with braket_world(Script(steps=usual("task", end))) as it:
        it.task()
        it.push(2)

        assert it.results == {}


def test_a_job_has_no_result() -> None:
    with braket_world() as it:
        it.job()
        it.push(2)

        assert it.results == {}


def test_a_result_is_stored_before_the_end_of_its_task_is_visible() -> None:
    """A reader of the event may read the result at once."""
    seen: list[tuple[str, int]] = []
    results: list[str] = []

    def watch(event: Event) -> None:
        seen.append((event["detail"]["status"], len(results)))

    with braket_world(events=watch, put_result=lambda _, key, __: results.append(key)) as it:
        it.task()
        it.push(2)

    assert seen == [("CREATED", 0), ("QUEUED", 0), ("RUNNING", 0), ("COMPLETED", 1)]


def test_a_failed_program_set_keeps_what_it_has() -> None:
    script = Script(steps=usual("task", "FAILED"), failed_executables=FAILURES, successful_shots=600)
    with braket_world(script) as it:
        arn = it.task(action=program_set(3, 5), shots=800)
        it.push(2)
        found = result(it, arn)
        about = found["taskMetadata"]
        first, second = found["programResults"]

        assert (about["requestedShots"], about["successfulShots"], about["totalFailedExecutables"]) == (800, 600, 2)
        assert about["status"] == "FAILED"
        assert [len(program["executables"]) for program in about["programMetadata"]] == [3, 5]
        assert first["executableResults"][1]["failureMetadata"] == {
            "failureReason": "No such gate",
            "retryable": False,
            "category": "COMPILATION",
        }
        assert second["executableResults"][0]["failureMetadata"]["retryable"] is True
        assert counted(second["executableResults"][1]) == {"00": 48, "11": 48, "10": 2, "01": 2}


def test_a_qpu_s_program_set_is_spread_over_files_that_name_one_another() -> None:
    script = Script(steps=usual("task", "FAILED"), failed_executables=FAILURES, successful_shots=600)
    with braket_world(script, region="us-west-1") as it:
        arn = it.task(deviceArn=CEPHEUS, action=program_set(3, 5), shots=800)
        it.push(2)
        task, found = it.get(arn), result(it, arn)

        assert found["s3Location"] == [task["outputS3Bucket"], task["outputS3Directory"]]
        assert found["programResults"] == ["programs/0/results.json", "programs/1/results.json"]
        about = file(it, task, found["taskMetadata"])
        assert (about["requestedShots"], about["successfulShots"], about["totalFailedExecutables"]) == (800, 600, 2)
        assert about["programMetadata"][0]["executables"][1]["category"] == "COMPILATION"
        first = file(it, task, found["programResults"][0])
        assert file(it, task, f"programs/0/{first['source']}")["inputs"] == {"a": [0.1] * 3}
        parts = [file(it, task, f"programs/0/{name}") for name in first["executableResults"]]
        assert [part.get("failureMetadata", {}).get("category") for part in parts] == [None, "COMPILATION", None]
        assert counted(parts[0]) == {"00": 48, "11": 48, "10": 2, "01": 2}


def test_a_qpu_s_only_executable_is_spread_too() -> None:
    with braket_world(region="us-west-1") as it:
        arn = it.task(deviceArn=CEPHEUS, action=program_set(1))
        it.push(2)

        assert result(it, arn)["taskMetadata"] == "metadata.json"
        assert [*it.results][-1].endswith("/results.json")  # last, because a reader of it follows its paths


def test_a_script_may_make_a_program_set_larger_than_was_sent() -> None:
    with braket_world(Script(program_count=12, executable_count=96)) as it:
        arn = it.task(action=program_set(1), shots=96_000)
        it.push(2)

        assert [len(p["executableResults"]) for p in result(it, arn)["programResults"]] == [8] * 12


def test_an_analog_result_marks_its_failed_shots() -> None:
    with braket_world(Script(successful_shots=3)) as it:
        arn = it.task(deviceArn=AQUILA, action=ANALOG, shots=5)
        it.push(2)
        found = result(it, arn)
        shots = [shot["shotMetadata"]["shotStatus"] for shot in found["measurements"]]

        assert shots == ["Success"] * 3 + ["No data"] * 2
        assert found["measurements"][0]["shotResult"] == {"preSequence": [1, 1], "postSequence": [0, 0]}
        assert found["additionalMetadata"]["queraMetadata"]["numSuccessfulShots"] == 3


def test_an_exact_run_has_result_types_instead_of_measurements() -> None:
    with braket_world() as it:
        arn = it.task(shots=0)
        it.push(2)
        found = result(it, arn)

        assert found.keys().isdisjoint({"measurementProbabilities", "measurements"})
        assert found["resultTypes"] == []


@pytest.mark.parametrize("more", [{"deviceArn": FORTE}, {"shots": 20_000}])
def test_ionq_s_results_and_those_of_many_shots_are_probabilities(more: dict[str, Any]) -> None:
    with braket_world() as it:
        arn = it.task(**more)
        it.push(2)

        assert result(it, arn)["measurementProbabilities"] == {"00": 0.48, "11": 0.48, "10": 0.02, "01": 0.02}


@pytest.mark.parametrize(("shots", "counts"), [(1, {"1": 1}), (10, {"0": 5, "1": 5}), (25, {"0": 12, "1": 13})])
def test_each_shot_is_measured_once(shots: int, counts: dict[str, int]) -> None:
    with braket_world() as it:
        arn = it.task(shots=shots, action=action("openqasm.program", source="OPENQASM 3.0; qubit[1] q;"))
        it.push(2)

        assert counted(result(it, arn)) == counts
