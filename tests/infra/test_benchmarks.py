"""The benchmarks' counts in a small size; their clocks are nobody's test."""

from benchmarks import growth


def test_what_has_ended_costs_neither_a_sweep_nor_an_event_anything() -> None:
    few, many = growth.measure(0, open_tasks=30), growth.measure(200, open_tasks=30)

    assert growth.bills(few) == growth.bills(many)
    assert many.quiet.requests["UpdateItem"] == 2
    assert (many.event.requests.total(), many.duplicate.requests.total()) == (4, 1)
