"""What looks at the project before it is deployed: a guard, the permissions, and other people's scanners."""
