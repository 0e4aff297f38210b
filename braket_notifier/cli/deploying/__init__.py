"""The parts of `deploy` and `destroy`: their steps, CDK's command line, and the stacks that they change."""
