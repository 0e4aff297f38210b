"""The rights with which somebody's own credentials create, change and delete the stack of a further region."""

from collections.abc import Iterable, Iterator, Mapping

#: Actions of CDK's command line on the stack.
OF_CDK = (
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
    "cloudformation:ListStackResources",
)
_QUEUE = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SetQueueAttributes")
_ROLE_POLICY = ("iam:DeleteRolePolicy", "iam:GetRole", "iam:GetRolePolicy", "iam:PutRolePolicy")
#: Actions of CloudFormation for each type of resource, by its resource provider's own list.
OF_TYPES: Mapping[str, tuple[str, ...]] = {
    "AWS::Events::Rule": (
        "events:DeleteRule",
        "events:DescribeRule",
        "events:ListTagsForResource",
        "events:ListTargetsByRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:TagResource",
        "events:UntagResource",
        "iam:PassRole",
    ),
    "AWS::IAM::Policy": _ROLE_POLICY,
    "AWS::IAM::Role": (
        *_ROLE_POLICY,
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
    ),
    "AWS::SQS::Queue": (
        *_QUEUE,
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:ListQueueTags",
        "sqs:TagQueue",
        "sqs:UntagQueue",
    ),
    "AWS::SQS::QueuePolicy": _QUEUE,
}
#: The name and the resources of each service; NAME is `name` of the settings.
_ON = {
    "cloudformation": ("CloudFormation", "arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME-REGION/*"),
    "events": ("EventBridge", "arn:aws:events:REGION:ACCOUNT:rule/NAME-changes"),
    "iam": ("IAM", "arn:aws:iam::ACCOUNT:role/NAME-*"),
    "sqs": ("SQS", "arn:aws:sqs:REGION:ACCOUNT:NAME-undelivered"),
}


def rows(name: str = "NAME", types: Iterable[str] = tuple(OF_TYPES)) -> Iterator[str]:
    """The lines of a table in Markdown: the actions on the resources of each service. A type without entry raises."""
    actions = sorted({*OF_CDK, *(action for each in types for action in OF_TYPES[each])})
    yield from ("| service | actions | on |", "|---|---|---|")
    for service, (title, arn) in _ON.items():
        own = ", ".join(f"`{each}`" for each in actions if each.startswith(f"{service}:"))
        yield f"| {title} | {own} | `{arn.replace('NAME', name)}` |"
