"""The status board of the CloudWatch dashboard."""
