"""A module for each outside service; none imports another, except `https`."""
