"""The command line of the operator. No Lambda function loads it."""
