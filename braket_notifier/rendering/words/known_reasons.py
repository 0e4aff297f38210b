"""Failure reasons that were seen or documented, with their hints."""

from typing import NamedTuple


class KnownReason(NamedTuple):
    """A pattern of a failure reason, a hint, and the hint's source."""

    pattern: str
    says: str
    source: str


_API = "https://docs.aws.amazon.com/braket/latest/APIReference/"
_GUIDE = "https://docs.aws.amazon.com/braket/latest/developerguide/"
_SDK = "https://github.com/amazon-braket/amazon-braket-sdk-python/"
_EXAMPLES = "https://github.com/amazon-braket/amazon-braket-examples/"
_CONTAINERS = "https://github.com/amazon-braket/amazon-braket-containers/blob/main/src/braket_container.py"


def _refused(codes: str) -> str:
    """Match an error of an AWS call that ended the script, by the exception's type, because its words are free."""
    return rf"^AlgorithmError: (ClientError|\w*({codes})\w*): An error occurred \(\w*({codes})\w*\) when calling"


#: Reasons of quantum tasks, in the words of Braket or of the device's provider. Narrow patterns come before wide ones,
#: here and below, because the first match gives the hint.
OF_TASKS = (
    KnownReason(
        r"AtomArrangementValidator|y-separation",
        "rejected before it ran. Rows of atoms must be exactly level or far enough apart, whatever the distance of "
        "the atoms: compare device.properties.paradigm.lattice.",
        f"{_EXAMPLES}issues/300",
    ),
    KnownReason(
        r"DrivingFieldValidator|outside the allowed range",
        "rejected before it ran: a driving field leaves what the device can do. Compare "
        "device.properties.paradigm.rydberg.",
        "https://github.com/QuEraComputing/bloqade-analog/pull/1035",
    ),
    KnownReason(
        r"ProgramSetValidationFailed|program set validation",
        "one invalid program rejects the whole set: the errors name its programIndex and inputsIndex.",
        f"{_API}API_ProgramSetValidationFailure.html",
    ),
    KnownReason(
        r"barrier\b.*not supported|not supported.*\bbarrier",
        "this device takes no barrier: remove it before you submit, or keep the order with a verbatim box.",
        "https://github.com/qBraid/qBraid/issues/1165",
    ),
    KnownReason(
        r"uses a gate: \S+ which is not supported|unitary gates are not supported|gates? (is|are) not supported",
        "the device has no such gate: compare supportedOperations in device.properties.action.",
        f"{_SDK}issues/616",
    ),
    KnownReason(
        r"Error occurred during compilation",
        "the provider's compiler failed, on Rigetti Cepheus mostly over barriers: remove them, or send native gates "
        "in a verbatim box, which is not compiled.",
        "https://github.com/unitaryfoundation/metriq-gym/issues/794",
    ),
    KnownReason(
        r"Unable to complete \w+ compilation|circuit may be too large",
        "the provider's compiler gave up in time. Fewer qubits or less depth help; so may a verbatim box, which is "
        "not compiled.",
        f"{_SDK}issues/239",
    ),
    KnownReason(
        r"Failed to compile",
        "the provider's compiler refused the circuit. In a verbatim box only native gates on connected qubits pass.",
        f"{_SDK}issues/293",
    ),
    KnownReason(
        r"exceeds TN1 limit",
        "too hard for a tensor network, and no repetition makes it easier: fewer qubits, less depth or less "
        "entanglement.",
        f"{_SDK}issues/270",
    ),
    KnownReason(
        r"Failed to run task",
        "probably a fault of the device or its provider, not of your program: submit it again.",
        f"{_SDK}issues/239",
    ),
    KnownReason(
        r"DeviceRetired|has been retired",
        "the device was retired for good: choose another one.",
        f"{_API}API_CreateQuantumTask.html",
    ),
    KnownReason(
        r"ValidationException|validation (failed|error)|Validator",
        "probably rejected before it ran, so the same program will fail again. Compare device.properties.paradigm.",
        f"{_API}API_CreateQuantumTask.html",
    ),
    KnownReason(
        r"Internal ?(Service|Server|device)? ?(Exception|Error|failure)",
        "a fault on Braket's or the device's side, not in your program: submit it again.",
        f"{_API}API_GetQuantumTask.html",
    ),
)
#: Reasons of hybrid jobs, in Braket's words.
OF_JOBS = (
    KnownReason(
        r"CapacityError|Unable to provision requested ML compute|InsufficientCapacity",
        "AWS had no such instance to spare: submit it again later, or with another instance type.",
        "https://docs.aws.amazon.com/batch/latest/userguide/sm_job_stuck_in_runnable_capacity.html",
    ),
    KnownReason(
        r"ServiceQuotaExceeded|ResourceLimitExceeded|exceeded the service quota",
        "a quota of the account is used up: see Service Quotas for Amazon Braket in this region.",
        f"{_EXAMPLES}issues/181",
    ),
    KnownReason(
        r"AccessDenied|not authorized to perform",
        "a permission is missing: the job's role, or its right to the bucket. The console's page Permissions checks "
        "the role.",
        f"{_GUIDE}braket-jobs-prerequisites.html",
    ),
    KnownReason(
        r"MaxRuntimeExceeded|MAX_RUNTIME_EXCEEDED|max(imum)? ?(run ?time|runtime)",
        "the job reached its stopping condition: raise maxRuntimeInSeconds (at most five days) and save checkpoints.",
        f"{_API}API_JobStoppingCondition.html",
    ),
    KnownReason(
        r"Internal ?(Service|Server)? ?(Exception|Error|failure)",
        "a fault on AWS's side, not in your script: create the job again.",
        f"{_API}API_GetJob.html",
    ),
)
#: Reasons of a hybrid job's script, matched from their start, because the rest of them is the user's own words.
OF_SCRIPTS = (
    KnownReason(
        r"exit code: 137\Z",
        "the process was killed, mostly because the memory ran out, and leaves no traceback: choose a larger instance "
        "type or a smaller problem.",
        "https://github.com/amazon-braket/amazon-braket-default-simulator-python/issues/243",
    ),
    KnownReason(
        r"^AlgorithmError: (ModuleNotFoundError|ImportError: No module named)",
        "the job's container lacks this package: name it in the job's dependencies or requirements.txt, or use an "
        "image that has it.",
        f"{_EXAMPLES}issues/907",
    ),
    KnownReason(
        r"^AlgorithmError: Unable to install requirements",
        "pip failed inside the container: the job's logs say at which requirement.",
        _CONTAINERS,
    ),
    KnownReason(
        r"^AlgorithmError: [\w ]*(Unable to download code|unpack archive|No customer (script|entry point) specified)",
        "the container could not start your script: check source_module, entry_point and the role's right to read "
        "that bucket.",
        _CONTAINERS,
    ),
    KnownReason(
        r"^AlgorithmError: FileNotFoundError\b",
        "a file is missing inside the container: input data lies below AMZN_BRAKET_INPUT_DIR, in a folder for each "
        "channel.",
        f"{_SDK}blob/main/test/integ_tests/test_create_quantum_job.py",
    ),
    KnownReason(
        r"^AlgorithmError: \w*MemoryError\b",
        "the instance has too little memory for it: choose a larger instance type or a smaller problem.",
        "https://docs.python.org/3/library/exceptions.html#MemoryError",
    ),
    KnownReason(
        _refused("AccessDenied"),
        "your script may not do this: the job's role lacks the permission that the error names.",
        f"{_GUIDE}braket-jobs-prerequisites.html",
    ),
    KnownReason(
        _refused("ServiceQuotaExceeded|LimitExceeded"),
        "your script used up a quota of the account: see Service Quotas for Amazon Braket in this region.",
        f"{_EXAMPLES}issues/181",
    ),
    KnownReason(
        _refused("Throttling|TooManyRequests"),
        "your script sent more requests a second than the account may send: pause between them, or submit one program "
        "set.",
        f"{_GUIDE}braket-quotas.html",
    ),
    KnownReason(
        r"^AlgorithmError",
        "your own script ended with this error; the whole traceback is in the job's logs.",
        f"{_SDK}blob/main/test/integ_tests/test_create_quantum_job.py",
    ),
)
