"""What is deployed, in CDK: `infra/X.py` deploys `lambdas/X.py`; of the library it imports settings alone."""

import os

# CDK runs on Node and prints a banner of eleven lines for each version of these, as soon as aws_cdk is imported.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
