"""The handlingsplan over time in a real Home Assistant: changed, restored, paused, disarmed, erased."""

import pytest

from .running import start

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def test_whatever_changes_or_goes_dark_is_seen() -> None:
    demo = start("--plan", "--quick")
    output, _ = demo.communicate()
    assert demo.returncode == 0, output
    assert "Allt sett" in output
