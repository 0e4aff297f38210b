"""Braket's answers about a hybrid job, as pure functions of values."""

from datetime import datetime, timedelta
from typing import Any

from local.braket.answers import iso, present
from local.braket.resource import Resource

_MAX_EVENTS = 20
_MAX_REASON = 1024


def job_summary(job: Resource) -> dict[str, Any]:
    return present(
        status=job.status,
        jobArn=job.arn,
        jobName=job.asked.name,
        device=job.asked.device,
        createdAt=iso(job.created_at),
        startedAt=job.started_at and iso(job.started_at),
        endedAt=job.ended_at and iso(job.ended_at),
        tags=job.asked.tags,
    )


_AS_ASKED = ("roleArn", "hyperParameters", "inputDataConfig", "outputDataConfig", "checkpointConfig")


def job_answer(job: Resource, now: datetime) -> dict[str, Any]:
    body = job.asked.body
    summary = job_summary(job)
    del summary["device"]
    reason = job.script.failure_reason if job.status == "FAILED" else None
    ran = job.ended_at - job.started_at if job.ended_at and job.started_at else None
    return summary | present(
        **{member: body.get(member) for member in _AS_ASKED},
        algorithmSpecification=body["algorithmSpecification"],
        instanceConfig={"instanceCount": 1} | body["instanceConfig"],
        stoppingCondition={"maxRuntimeInSeconds": 432_000} | body.get("stoppingCondition", {}),
        deviceConfig=body["deviceConfig"],
        failureReason=reason and reason[:_MAX_REASON],
        billableDuration=None if ran is None else int(ran.total_seconds()),  # the unit is documented nowhere
        events=job_events(job, now),
        associations=job.associations,
    )


def job_events(job: Resource, now: datetime) -> list[dict[str, str]]:
    """GetJob.events so far: the script's events, or the events that follow from the statuses."""
    listed: list[tuple[datetime, str, str]] = [(job.created_at, "QUEUED_FOR_EXECUTION", "")]
    if job.started_at:
        listed += [(job.started_at, "STARTING_INSTANCE", ""), (job.started_at, "RUNNING", "")]
    if job.script.job_events is not None:
        until = job.cancelled_at or job.ended_at or now
        scripted = [(job.born + timedelta(seconds=e.after), e.type, e.message) for e in job.script.job_events]
        listed = [event for event in scripted if event[0] <= until]
    if job.ended_at and all(event[1] != job.status for event in listed):
        listed.append((job.ended_at, job.status, ""))
    return [present(eventType=kind, timeOfEvent=iso(at), message=words) for at, kind, words in listed[-_MAX_EVENTS:]]
