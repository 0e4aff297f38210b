"""Signatures of `handle`, and how many of transition and message a function with each of them takes."""

from collections.abc import Mapping

SIGNATURES: Mapping[str, int | None] = {
    "transition": 1,
    "t": 1,  # the first form knows no names
    "transition, message": 2,
    "t, m": 2,
    "transition, /, message": 2,
    "transition, message=None": 2,  # by its name
    "transition, message, retries=3": 2,
    "transition, retries=3": 1,  # an older handler's own
    "transition, retries=3, message=None": 1,
    "transition=None": 1,
    "transition, *more": 1,
    "transition, **more": 1,
    "*everything": 1,  # as ever
    "": None,
    "**more": None,
    "transition, message, more": None,
    "transition, *, message": None,  # it is given by its place
    "*, message=None": None,
}
