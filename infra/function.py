"""The Lambda function that every file of `lambdas/` becomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.grants import CONSUME, allow
from infra.key import USE_OF_TABLE

ARM = lambda_.Architecture.ARM_64

#: Filter patterns of error lines. The functions' own lines match by level only, because names, tags and reasons may
#: contain any word; lines of the runtime or of Lambda are not JSON.
TROUBLE = {
    "Errors": '{ $.level = "ERROR" }',
    "Deaths": '?"[ERROR]" ?"Task timed out" ?"Runtime.ExitError" ?"Runtime.OutOfMemory"',
}

#: Memory, which sets the share of the processor; with 512 MB a cold start takes twice the time for the same price.
MEMORY_MB = 1024


def namespace(name: str) -> str:
    """The namespace of an installation's metrics, otherwise two installations would watch each other's metrics."""
    return f"BraketNotifier/{name}"


@dataclass(frozen=True, slots=True)
class Staged:
    """Python of the functions, and the folders that a deployment uploads."""

    python: str
    code: Path
    #: Holds the digest of the settings.
    digest: Path
    layer: Path
    own_layers: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that all functions share: the installation's name, Python, code, layers, settings and optional key."""

    name: str
    python: str
    code: lambda_.Code
    layer: lambda_.LayerVersion
    own_layers: Mapping[str, Path]
    settings_version: str
    key: kms.IKey | None = None


def parts(stack: Stack, name: str, staged: Staged, *, settings_version: str, key: kms.IKey | None) -> Parts:
    shared = dependencies(stack, name, staged.layer, staged.python)
    code = lambda_.Code.from_asset(str(staged.code))
    return Parts(name, staged.python, code, shared, staged.own_layers, settings_version, key)


def runtime(python: str) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{python}", lambda_.RuntimeFamily.PYTHON)


def dependencies(scope: Construct, name: str, folder: Path, python: str) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        scope,
        "Dependencies",
        layer_version_name=f"{name}-dependencies",
        code=lambda_.Code.from_asset(str(folder)),
        compatible_architectures=[ARM],
        compatible_runtimes=[runtime(python)],
    )


class Function(lambda_.Function):
    """A file of `lambdas/` as a Lambda function, with its log group and a role with only the given rights."""

    def __init__(
        self,
        scope: Construct,
        file: str,
        *,
        parts: Parts,
        name: str,
        timeout: Duration,
        environment: Mapping[str, str],
        may: Sequence[iam.PolicyStatement],
    ) -> None:
        full_name = f"{parts.name}-{name}"
        log = _log(scope, full_name, namespace(parts.name))
        self._shared = parts.layer
        with_key = [allow(USE_OF_TABLE, parts.key.key_arn)] if parts.key else []
        super().__init__(
            scope,
            "Function",
            function_name=full_name,
            handler=f"{file}.lambda_handler",
            code=parts.code,
            layers=[parts.layer],
            runtime=runtime(parts.python),
            architecture=ARM,
            memory_size=MEMORY_MB,
            timeout=timeout,
            tracing=lambda_.Tracing.ACTIVE,
            log_group=log,
            role=iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")),
            initial_policy=[allow(["logs:CreateLogStream", "logs:PutLogEvents"], log.log_group_arn), *may, *with_key],
            environment={
                "POWERTOOLS_SERVICE_NAME": file,
                "POWERTOOLS_METRICS_NAMESPACE": namespace(parts.name),
                "SETTINGS_VERSION": parts.settings_version,
                **environment,
            },
        )

    def consume(self, queue: sqs.Queue, *, batch_size: int, window: Duration | None) -> None:
        """Receive records of the queue; a batch may fail in part, and at most two batches run at once."""
        self.add_to_role_policy(allow(CONSUME, queue.queue_arn))
        self.add_event_source_mapping(
            "Records",
            event_source_arn=queue.queue_arn,
            batch_size=batch_size,
            max_batching_window=window,
            max_concurrency=2,
            report_batch_item_failures=True,
        )

    def allow_rounds(self) -> None:
        """Let the function send to the queue that invokes it; otherwise Lambda stops it after about 16 rounds.

        A digest takes a round for each of its messages and ends when its group closes; a held record takes one in ten
        days.
        """
        self._resource().recursive_loop = "Allow"

    def update_after(self, consumers: "Iterable[Function]") -> None:
        """Let CloudFormation update this function after the consumers of what it writes, which then read it."""
        for each in consumers:
            self._resource().add_resource_dependency(each._resource())  # noqa: SLF001 - of this class

    def add_own_layer(self, layer: lambda_.LayerVersion) -> None:
        """Add a layer after the shared one, because the later one's files win; CDK would sort them by name."""
        self._resource().layers = [self._shared.layer_version_arn, layer.layer_version_arn]

    def _resource(self) -> lambda_.CfnFunction:
        resource = self.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101 - CDK's type is wider
        return resource


def _log(scope: Construct, full_name: str, metrics: str) -> logs.LogGroup:
    """The log group and its error counts, because only the log shows that a function died or timed out."""
    group = logs.LogGroup(
        scope,
        "Log",
        log_group_name=f"/aws/lambda/{full_name}",
        retention=logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.DESTROY,
    )
    for lines, pattern in TROUBLE.items():
        group.add_metric_filter(
            lines,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=metrics,
            metric_name="Errors",
        )
    return group
