import pytest

from tests.prove.proofs import IN_TURN, SIDE_BY_SIDE, Proof, timed


@pytest.mark.parametrize("function", [timed, *SIDE_BY_SIDE])
def test_a_process_of_its_own_finds_each_proof_by_its_module(function: Proof) -> None:
    """A spawned process of `python -m tests.prove` does not run `__main__` again, so it finds nothing there."""
    assert not function.__module__.endswith("__main__")


def test_each_proof_runs_once() -> None:
    names = [f"{each.__module__}.{each.__name__}" for each in (*SIDE_BY_SIDE, *IN_TURN)]

    assert len(names) == len(set(names)) > 0
