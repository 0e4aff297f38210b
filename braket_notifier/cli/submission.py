"""A Bell circuit for `verify`: the region and bucket it goes to, its price, and Braket's refusals with their remedy."""

import json
from dataclasses import dataclass

from botocore.exceptions import ClientError

from braket_notifier.braket.devices import device as device_of
from braket_notifier.cli.braket import read_arn
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError, Tolerated, code_of, is_denied
from braket_notifier.domain.resource import Arn

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
#: IonQ takes no fewer on demand.
SHOTS = 100
BELL = """OPENQASM 3.0;
bit[2] b;
qubit[2] q;
h q[0];
cnot q[0], q[1];
b[0] = measure q[0];
b[1] = measure q[1];
"""
_ENABLE = "`aws iam create-service-linked-role --aws-service-name braket.amazonaws.com`"
#: The remedy for words of Braket's AccessDeniedException; the first that fits counts.
REMEDIES = {
    "braket:TagResource": "your credentials may not tag quantum tasks: ask for braket:TagResource",
    "not authorized to perform": "your credentials may not submit quantum tasks: ask for braket:CreateQuantumTask",
    "agreement": "accept the agreement with the device's provider in Amazon Braket's console",
    "": f"Amazon Braket is probably not enabled in this account: open its console once, or run {_ENABLE}",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """The device of a task, the bucket of its results, and the channels that its tag names."""

    device: str
    region: str
    bucket: str
    channels: tuple[str, ...]
    #: A group of its own, because a digest may hold what follows another message of its group.
    batch: str

    @property
    def tags(self) -> dict[str, str]:
        return {"Name": "verify", "notify": " ".join(self.channels), "batch": self.batch}

    @property
    def price(self) -> str:
        """Braket bills at least three seconds of SV1, at $0.075 a minute."""
        return "less than a cent" if self.device == SV1 else "that device's price for a task and its shots"


def region_of(place: Installation, device: str) -> str:
    """A QPU's own region; for a simulator the first watched region that has it."""
    if ":device/" not in device or device.count(":") != 5:  # noqa: PLR2004 - as in every ARN
        raise CommandError(f"{device} is not the ARN of a device")
    its_own, watched = device.split(":")[3], place.settings.regions
    for region in watched:
        if its_own in {"", region} and _has_device(place, region, device):
            return region
    name, where = device_of(device).full, ", ".join(watched)
    raise CommandError(f"no watched region ({where}) has the device {name}: name another by --device ARN")


def _has_device(place: Installation, region: str, device: str) -> bool:
    with Tolerated("ResourceNotFoundException", "ValidationException"):
        place.client("braket", region).get_device(deviceArn=device)
        return True
    return False


def has_bucket(place: Installation, order: Submission) -> bool:
    """A bucket that the operator may not look at counts, because Braket itself decides."""
    try:
        place.client("s3", order.region).head_bucket(Bucket=order.bucket)
    except ClientError as error:
        return code_of(error) != "404"
    return True


def create_bucket(place: Installation, order: Submission) -> None:
    """S3 takes its oldest region as the absence of a location only."""
    where = {"CreateBucketConfiguration": {"LocationConstraint": order.region}} if order.region != "us-east-1" else {}
    place.client("s3", order.region).create_bucket(Bucket=order.bucket, **where)


def submit(place: Installation, order: Submission) -> Arn:
    header = {"name": "braket.ir.openqasm.program", "version": "1"}
    try:
        answer = place.client("braket", order.region).create_quantum_task(
            action=json.dumps({"braketSchemaHeader": header, "source": BELL}),
            deviceArn=order.device,
            shots=SHOTS,
            outputS3Bucket=order.bucket,
            outputS3KeyPrefix=f"{place.settings.name}/verify",
            tags=order.tags,
        )
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        if is_denied(error):
            remedy = next(remedy for words, remedy in REMEDIES.items() if words in message)
            raise CommandError(f"{remedy} ({message})") from error
        if order.bucket in message:
            raise CommandError(f"Braket cannot write there: name another bucket by --bucket ({message})") from error
        raise
    return read_arn(answer["quantumTaskArn"])
