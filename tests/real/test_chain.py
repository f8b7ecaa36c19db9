"""The alarm chain in depth in a real Home Assistant: dead phones, answers, rights, proof, a power cut."""

import pytest

from .running import interrupt, start

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def test_the_whole_chain_is_seen_from_hanging_phones_to_the_proof_in_the_journal() -> None:
    demo = start("--chain")
    output, _ = demo.communicate()
    assert demo.returncode == 0, output
    assert "Allt sett" in output


def test_ctrl_c_ends_every_process_it_started() -> None:
    started, alive = interrupt(start("--chain"))
    assert started
    assert alive == []
