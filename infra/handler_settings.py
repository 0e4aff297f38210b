"""`type = "handler"`: a user's own function as a channel, and what more than the others it may do."""

from dataclasses import dataclass

from infra.toml_table import Table
from infra.wanted import shaped

KEYS = ("permissions", "secret", "job_role", "timeout")

#: Whoever may give rights or take on other roles may do everything.
ACTION = shaped(
    "an action for a handler",
    r"(?!iam:|sts:)[a-z0-9-]+:[A-Z][A-Za-z]*\*?",
    'one like "s3:PutObject" or "s3:Get*"; neither "*" nor "s3:*", nothing of iam or sts',
)
RESOURCE = shaped("a resource", r"\*|arn:\S+", 'an ARN like "arn:aws:s3:::my-results/*", or "*" where AWS knows no ARN')
ROLE = shaped("a role's ARN", r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", '"arn:aws:iam::ACCOUNT:role/NAME"')


@dataclass(frozen=True, slots=True)
class Permission:
    """One more IAM statement for a handler's role."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handler:
    """A function in `lambdas/custom/`, the secret it may read, and the role it may give to hybrid jobs it creates."""

    permissions: tuple[Permission, ...] = ()
    secret: str = ""
    job_role: str = ""
    timeout_s: int = 60
    type: str = "handler"


def read_handler(table: Table) -> Handler:
    table.only(("type", *KEYS))
    permissions = table.tables("permissions", ("actions", "resources")) if "permissions" in table else []
    return Handler(
        permissions=tuple(map(_permission, permissions)),
        secret=table.reference("secret") if "secret" in table else "",
        job_role=table.text("job_role", ROLE, default=""),
        timeout_s=table.seconds("timeout", 60, most="15m"),
    )


def _permission(table: Table) -> Permission:
    return Permission(table.texts("actions", ACTION), table.texts("resources", RESOURCE))
