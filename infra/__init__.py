"""The CDK stacks: `infra/X.py` deploys `lambdas/X.py`; of the library, infra imports `settings` only."""

import os

# Importing aws_cdk prints a banner of eleven lines about the Node.js version, unless this is set.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
