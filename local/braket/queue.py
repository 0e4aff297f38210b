"""A resource's place in its queue, in Braket's strings."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from local.braket.resource import Resource

WAITING = frozenset({"CREATED", "QUEUED"})
SHOWN = {"task": 2000, "job": 15}  # Braket's highest position; beyond it "more than"
SHOWN_SIZE = {"task": 4000, "job": 1000}
QUEUE = {"task": "QUANTUM_TASKS_QUEUE", "job": "JOBS_QUEUE"}


def queue_of(resource: Resource, others: Iterable[Resource], now: datetime) -> dict[str, str]:
    """The queueInfo of GetQuantumTask and GetJob."""
    kind = resource.asked.kind
    said = {"queue": QUEUE[kind]}
    if kind == "task":
        said["queuePriority"] = _priority(resource)
    if resource.status in WAITING:
        return said | {"position": _capped(_ahead_of(resource, others, now), SHOWN[kind])}
    words = (
        f"{kind.capitalize()} is in {resource.status} status. "
        "AmazonBraket does not show queue position for this status."
    )
    return said | {"position": "None", "message": words}


def queues_of(tasks: Iterable[Resource], jobs: Iterable[Resource]) -> list[dict[str, str]]:
    """The deviceQueueInfo of GetDevice, from the waiting resources of the device."""
    waiting = [_priority(task) for task in tasks if task.status in WAITING]
    sizes = [
        {
            "queue": QUEUE["task"],
            "queueSize": _capped(waiting.count(priority), SHOWN_SIZE["task"]),
            "queuePriority": priority,
        }
        for priority in ("Normal", "Priority")
    ]
    return [*sizes, {"queue": QUEUE["job"], "queueSize": _jobs_size([job.status for job in jobs])}]


def _jobs_size(statuses: list[str]) -> str:
    queued, running = statuses.count("QUEUED"), statuses.count("RUNNING")
    if running and not queued:
        return f"0 ({running} prioritized job(s) running)"
    return _capped(queued, SHOWN_SIZE["job"])


def _ahead_of(resource: Resource, others: Iterable[Resource], now: datetime) -> int:
    """Braket's position counts the resources that wait before this one."""
    ours = sum(
        other.asked.device == resource.asked.device
        and other.status in WAITING
        and _priority(other) == _priority(resource)
        and other.number < resource.number
        for other in others
    )
    drained = (now - resource.born) / timedelta(hours=1) * resource.script.drains
    return ours + max(0, resource.script.queue_ahead - int(drained))


def _priority(resource: Resource) -> str:
    """A hybrid job's own tasks go first."""
    return "Priority" if resource.asked.job_arn else "Normal"


def _capped(number: int, shown: int) -> str:
    return str(number) if number <= shown else f">{shown}"
