"""Checks of the project before a deployment: the template guard, the permissions, and third-party scanners."""
