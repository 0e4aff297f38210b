import pytest

from tests.prove.proofs import SIDE_BY_SIDE, Proof, timed


@pytest.mark.parametrize("function", [timed, *SIDE_BY_SIDE])
def test_a_process_of_its_own_finds_each_proof_by_its_module(function: Proof) -> None:
    """A spawned process of `python -m tests.prove` does not run `__main__` again, so it finds nothing there."""
    assert not function.__module__.endswith("__main__")
