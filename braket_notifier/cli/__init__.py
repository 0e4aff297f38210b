"""The command line of the operator; no Lambda function loads it."""
