"""What the queue `undelivered` and the ledger keep for an operator."""
