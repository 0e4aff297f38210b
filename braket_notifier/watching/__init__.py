"""What the sweep watches beside the statuses of resources."""
