"""The costs of quantum tasks by AWS's public price list; pure."""
