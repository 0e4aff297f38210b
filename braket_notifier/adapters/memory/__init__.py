"""A fake of every port, with the same contract tests as the real adapter."""
