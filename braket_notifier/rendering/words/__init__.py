"""Names, links, hints, outcomes and timelines in words."""
