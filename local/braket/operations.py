"""Braket's operations: each takes its input and returns its answer."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.braket.answers import device_answer, device_summary, task_answer, task_summary
from local.braket.clock import Clock
from local.braket.create import job_request, task_request
from local.braket.devices import Device
from local.braket.errors import invalid, not_found
from local.braket.job_answers import job_answer, job_summary
from local.braket.limits import Limits
from local.braket.lives import Lives
from local.braket.queue import queue_of, queues_of
from local.braket.resource import Resource
from local.braket.script import Choose
from local.braket.search import NAMES, finder, page, place_in_time

Asked = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class World:
    """The state that the operations read and change."""

    account: str
    clock: Clock
    lives: Lives
    devices: Mapping[str, Device]
    choose: Choose
    has_bucket: Callable[[str], bool]
    limits: Limits


Operation = Callable[[World, str, Asked], Answer]


def get_quantum_task(world: World, region: str, asked: Asked) -> Answer:
    task = _find(world, region, "task", asked["quantumTaskArn"])
    return task_answer(task) | _queue_info(world, region, task, asked)


def get_job(world: World, region: str, asked: Asked) -> Answer:
    job = _find(world, region, "job", asked["jobArn"])
    return job_answer(job, world.clock.now()) | _queue_info(world, region, job, asked)


def create_quantum_task(world: World, region: str, asked: Asked) -> Answer:
    job = _job_of(world, region, asked["jobToken"]) if "jobToken" in asked else None
    request, action = task_request(asked, region, world.devices, job)
    if not world.has_bucket(bucket := asked["outputS3Bucket"]):
        raise invalid(f"Caller doesn't have access to {bucket} or it doesn't exist.")  # Braket's own words
    arn = f"arn:aws:braket:{region}:{world.account}:quantum-task/{uuid.uuid4()}"
    with world.limits.lock:
        if not asked.get("associations") and not world.lives.knows(request):
            tasks = world.lives.all("task", region)
            world.limits.check(world.devices[request.device], request.shots, region, tasks)
        return {"quantumTaskArn": world.lives.create(arn, request, world.choose, action)}


def create_job(world: World, region: str, asked: Asked) -> Answer:
    request = job_request(asked, region, world.devices)
    arn = f"arn:aws:braket:{region}:{world.account}:job/{uuid.uuid4()}"
    return {"jobArn": world.lives.create(arn, request, world.choose, {})}


def cancel_quantum_task(world: World, region: str, asked: Asked) -> Answer:
    task = _find(world, region, "task", asked["quantumTaskArn"])
    world.lives.cancel(task.arn, region)
    return {"quantumTaskArn": task.arn, "cancellationStatus": "CANCELLING"}


def cancel_job(world: World, region: str, asked: Asked) -> Answer:
    job = _find(world, region, "job", asked["jobArn"])
    world.lives.cancel(job.arn, region)
    return {"jobArn": job.arn, "cancellationStatus": "CANCELLING"}


def search_quantum_tasks(world: World, region: str, asked: Asked) -> Answer:
    tasks, token = _search(world, region, "task", asked)
    return {"quantumTasks": [task_summary(task) for task in tasks]} | token


def search_jobs(world: World, region: str, asked: Asked) -> Answer:
    jobs, token = _search(world, region, "job", asked)
    return {"jobs": [job_summary(job) for job in jobs]} | token


def get_device(world: World, region: str, asked: Asked) -> Answer:
    device = world.devices.get(asked["deviceArn"])
    if device is None or not device.is_in(region):
        raise not_found(asked["deviceArn"])
    tasks, jobs = ([r for r in world.lives.all(k, region) if r.asked.device == device.arn] for k in NAMES)
    return device_answer(device, queues_of(tasks, jobs))


def search_devices(world: World, region: str, asked: Asked) -> Answer:
    found = [device for device in world.devices.values() if device.is_in(region)]
    for wanted in asked["filters"]:
        if wanted["name"] != "deviceArn":
            raise invalid(f"Unsupported filter name {wanted['name']}. Supported: deviceArn.")
        found = [device for device in found if device.arn in wanted["values"]]
    places = {arn: (0.0, place) for place, arn in enumerate(world.devices)}
    shown, token = page(found, lambda device: places[device.arn], asked, f"devices/{region}")
    return {"devices": [device_summary(device) for device in shown]} | token


def create_spending_limit(world: World, region: str, asked: Asked) -> Answer:
    return {"spendingLimitArn": world.limits.create(asked, region)}


def update_spending_limit(world: World, region: str, asked: Asked) -> Answer:
    world.limits.update(asked, region)
    return {}


def delete_spending_limit(world: World, region: str, asked: Asked) -> Answer:
    world.limits.delete(asked["spendingLimitArn"], region)
    return {}


def search_spending_limits(world: World, region: str, asked: Asked) -> Answer:
    found, token = world.limits.search(asked, region, world.lives.all("task", region))
    return {"spendingLimits": found} | token


def list_tags_for_resource(world: World, region: str, asked: Asked) -> Answer:
    return {"tags": dict(world.lives.find(asked["resourceArn"], region).asked.tags)}


def tag_resource(world: World, region: str, asked: Asked) -> Answer:
    world.lives.tag(asked["resourceArn"], region, asked["tags"])
    return {}


def untag_resource(world: World, region: str, asked: Asked) -> Answer:
    world.lives.untag(asked["resourceArn"], region, asked["tagKeys"])
    return {}


def job_token(job_arn: str) -> str:
    """The token in a job's container. A task created with it belongs to the job."""
    return f"job-token-{job_arn.rsplit('/', 1)[-1]}"


def _job_of(world: World, region: str, token: str) -> str:
    for job in world.lives.all("job", region):
        if job_token(job.arn) == token:
            return job.arn
    raise invalid("The jobToken is not valid.")


def _find(world: World, region: str, kind: str, arn: str) -> Resource:
    noun = "quantum-task" if kind == "task" else "job"
    if not re.fullmatch(rf"arn:aws[a-z-]*:braket:[a-z0-9-]+:\d{{12}}:{noun}/.+", arn):
        raise invalid(f"{arn[:200]} is not the ARN of a {noun}.")
    return world.lives.find(arn, region)


def _queue_info(world: World, region: str, resource: Resource, asked: Asked) -> Answer:
    if "QueueInfo" not in asked.get("additionalAttributeNames", []):
        return {}
    others = world.lives.all(resource.asked.kind, region)
    return {"queueInfo": queue_of(resource, others, world.clock.now())}


def _search(world: World, region: str, kind: str, asked: Asked) -> tuple[list[Resource], Answer]:
    found = filter(finder(kind, asked["filters"]), world.lives.all(kind, region))
    return page(found, place_in_time, asked, f"{kind}/{region}")


OPERATIONS: Mapping[str, Operation] = {
    "GetQuantumTask": get_quantum_task,
    "CreateQuantumTask": create_quantum_task,
    "CancelQuantumTask": cancel_quantum_task,
    "SearchQuantumTasks": search_quantum_tasks,
    "GetJob": get_job,
    "CreateJob": create_job,
    "CancelJob": cancel_job,
    "SearchJobs": search_jobs,
    "GetDevice": get_device,
    "SearchDevices": search_devices,
    "CreateSpendingLimit": create_spending_limit,
    "UpdateSpendingLimit": update_spending_limit,
    "DeleteSpendingLimit": delete_spending_limit,
    "SearchSpendingLimits": search_spending_limits,
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
