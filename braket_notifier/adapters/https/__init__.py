"""Services that take one request over HTTPS for each message."""
