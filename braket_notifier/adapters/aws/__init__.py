"""AWS services behind the ports."""

import logging

# because at DEBUG botocore logs each answer, and so a secret, whatever the level of the root logger is
logging.getLogger("botocore").setLevel(logging.WARNING)
