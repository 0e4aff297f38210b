"""The samples fit botocore's model of Braket's answers."""

from typing import Any

import pytest
from botocore.model import StructureShape
from botocore.session import Session
from botocore.validate import ParamValidator

from braket_notifier.braket.devices import DEVICES, device
from braket_notifier.domain.resource import RANKS
from local.gallery.samples import SAMPLES, Sample, transitions_of
from local.gallery.samples.answers import Answer, job_answer, task_answer
from local.gallery.samples.jobs import MAX_CUT, VQE
from local.gallery.samples.tasks import GHZ, QAOA, RB_SWEEP, RYDBERG

ENUMS = {"task": "QuantumTaskStatus", "job": "JobPrimaryStatus"}


@pytest.fixture(scope="module")
def model() -> Any:
    return Session().get_service_model("braket")


@pytest.mark.parametrize("answer", [GHZ, RYDBERG, RB_SWEEP, QAOA, task_answer("0")], ids=lambda each: each["status"])
def test_a_task_s_answer_fits_botocore_s_model(model: Any, answer: Answer) -> None:
    _has_shape(answer, model.operation_model("GetQuantumTask").output_shape)


@pytest.mark.parametrize("answer", [VQE, MAX_CUT, job_answer("0", "x")], ids=lambda each: each["jobName"])
def test_a_job_s_answer_fits_botocore_s_model(model: Any, answer: Answer) -> None:
    _has_shape(answer, model.operation_model("GetJob").output_shape)


def test_a_job_s_events_have_types_of_braket(model: Any) -> None:
    known = set(model.shape_for("JobEventType").enum)

    assert {each["eventType"] for each in [*VQE["events"], *MAX_CUT["events"]]} <= known


@pytest.mark.parametrize("kind", ["task", "job"])
def test_every_status_of_braket_has_a_rank(model: Any, kind: str) -> None:
    assert set(model.shape_for(ENUMS[kind]).enum) <= RANKS.keys()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_sample_has_a_description_and_transitions(sample: Sample) -> None:
    assert sample.about
    assert transitions_of(sample)


@pytest.mark.parametrize("arn", DEVICES)
def test_the_arn_of_a_device_in_the_table_has_braket_s_form(arn: str) -> None:
    """A QPU's ARN has a region and no account. A misspelt ARN would never match."""
    partition, service, region, account, path = arn.split(":")[1:]
    kind, category, provider, model = path.split("/")

    assert (partition, service, account, kind, category) == ("aws", "braket", "", "device", "qpu")
    assert region in {"us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1"}
    assert device(arn).kind == "QPU"
    assert provider.lower() == provider
    assert device(arn).model == model
    assert all(len(name) <= 30 for name in (device(arn).short, device(arn).full))
    assert len(device(arn).pushed) <= 16


def _has_shape(answer: Answer, shape: StructureShape) -> None:
    """Check members, types and required members, because botocore checks none of them in an answer."""
    assert ParamValidator().validate(answer, shape).generate_report() == ""
