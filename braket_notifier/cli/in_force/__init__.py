"""The settings in force in an account, and their origin."""
