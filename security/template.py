"""The values of a CloudFormation template as plain text: `ObserveQueue.Arn`, `{AWS::Partition}`."""

import re
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - one form a line, any JSON in, the same without its references out
    match value:
        case {"Ref": str(id_)}:
            return f"{{{id_}}}" if "::" in id_ else name(id_)
        case {"Fn::GetAtt": [str(id_), str(attribute)]}:
            return f"{name(id_)}.{attribute}"
        case {"Fn::Join": ["", list(parts)]}:
            return "".join(plain(part) for part in parts)
        case {"Fn::Select": [int(number), {"Fn::Split": [_, whole]}]}:
            return f"{plain(whole)}[{number}]"
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
    return value


def name(id_: str) -> str:
    """A logical id without the hash that CDK appends."""
    return re.sub(r"[0-9A-F]{8}$", "", id_)


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - IAM writes one as itself and several as a list
    return value if isinstance(value, list) else [value]


Template = dict[str, Any]


def template_files(assembly: Path) -> list[Path]:
    """The home stack's template first. Raises FileNotFoundError because a check of no template would find nothing."""
    found = sorted(assembly.glob("*.template.json"), key=lambda path: (len(path.name), path.name))
    if not found:
        raise FileNotFoundError(f"{assembly} has no template")
    return found


def of(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a kind as plain text, under readable names."""
    resources = template["Resources"].items()
    return {name(id_): plain(each.get("Properties", {})) for id_, each in resources if each["Type"] == f"AWS::{kind}"}
