"""One SQLite file in the place of DynamoDB and SQS, for the notifier as one process."""
