"""The number of the deployed settings, which grows with each deployment of other settings, of earlier ones too."""

from pathlib import Path

from aws_cdk import Fn, Stack
from aws_cdk import aws_lambda as lambda_

#: Place of the number in the ARN of a layer's version.
NUMBER = 7


def settings_version(stack: Stack, name: str, digest: Path) -> str:
    """Number the settings by the versions of a layer, because Lambda counts them and never uses a number again.

    No function loads the layer. Its file is the digest of the settings, so that equal settings keep their number.
    """
    code = lambda_.Code.from_asset(str(digest))
    layer = lambda_.LayerVersion(stack, "SettingsLayer", layer_version_name=f"{name}-settings", code=code)
    return Fn.select(NUMBER, Fn.split(":", layer.layer_version_arn))
