"""What doctor and preflight check, each answer a finding."""
