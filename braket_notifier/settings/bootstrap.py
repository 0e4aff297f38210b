"""The regions that need CDK's bootstrap, by the setting `bootstrap` and cdk.json."""

#: Values of the setting.
HOME, EVERY_REGION = "home", "every-region"
#: The key in the context of cdk.json that names the qualifier of an organisation's own bootstrap.
QUALIFIER = "@aws-cdk/core:bootstrapQualifier"


def bootstrap_of(setting: str, own_qualifier: object) -> str:
    """HOME or EVERY_REGION; without the setting, an organisation's own bootstrap is used in every region.

    `own_qualifier` is the value in cdk.json, empty or None without one.
    """
    return setting or (EVERY_REGION if own_qualifier else HOME)
