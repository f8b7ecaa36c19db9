"""The demo is the proof: a real Home Assistant, real pushes, real power cuts."""

import pytest

from .running import interrupt, start

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def test_every_step_of_the_way_is_seen() -> None:
    demo = start("--check")
    output, _ = demo.communicate()
    assert demo.returncode == 0, output


def test_power_cuts_lose_and_double_nothing() -> None:
    demo = start("--kills", "3", "--seed", "7")
    output, _ = demo.communicate()
    assert demo.returncode == 0, output
    assert "Larm förlorade: 0   kvitteringar förlorade: 0   dubbletter i journalen: 0" in output


def test_ctrl_c_ends_every_process_it_started() -> None:
    started, alive = interrupt(start("--check"))
    assert started
    assert alive == []
