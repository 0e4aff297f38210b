"""The local cloud: MiniStack, the deployment of an assembly, and its processes."""
