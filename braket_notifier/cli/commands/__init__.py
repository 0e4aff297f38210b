"""The subcommands, each in the file of its name."""
