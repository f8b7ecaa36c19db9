"""The whole larmplan in a real Home Assistant with ZHA, Z-Wave and MQTT, through power cuts and dropouts."""

import pytest

from .running import interrupt, start

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def test_every_larmtyp_reaches_the_phones_on_duty_over_every_radio_and_through_power_cuts() -> None:
    demo = start("--larmplan")
    output, _ = demo.communicate()
    assert demo.returncode == 0, output
    assert "Allt sett" in output


def test_ctrl_c_ends_every_process_it_started() -> None:
    started, alive = interrupt(start("--larmplan"))
    assert started
    assert alive == []
