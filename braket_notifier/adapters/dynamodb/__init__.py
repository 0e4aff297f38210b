"""DynamoDB: the table `snapshots` and the ledger `deliveries`."""
