"""The records of the queue `undelivered` and the ledger's rows that an operator sends again."""
