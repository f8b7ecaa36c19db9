"""Consent as an interlock: withdrawn disarms at once; and what is known of a person can be erased (S.2)."""

import asyncio
from pathlib import Path

from demo import cast
from demo.hass import HassError

from .home import PlanCheck
from .pausing import raise_rule, see_button


async def check_consent(check: PlanCheck) -> None:
    """Withdrawn: nothing comes, not even a press. Given again: everything does."""
    consent = {"device_id": check.home.base.brukare_id, "service": "larm", "decided_on": "2026-11-01"}
    await check.act("register_consent", {**consent, "status": "given", "version": "2", "reference": "Pärm 7"})
    await check.soon("samtycket visas", lambda: _stands(check, "given"))
    await check.act("register_consent", {**consent, "status": "withdrawn"})
    answer = await raise_rule(check, "safety_button", "utan-samtycke")
    check.expect("återtaget: avlarmat i samma ögonblick", is_true=answer["outcome"] == "suppressed")
    await check.soon("det visas", lambda: _stands(check, "withdrawn"))

    async def told() -> bool:
        return any("återkallat" in str(item["text"]) for item in await check.inbox(kind="technical"))

    await check.soon("och står i inkorgen", told)
    await check.act("register_consent", {**consent, "status": "given", "version": "3", "reference": "Pärm 7"})
    await see_button(check, "givet igen: en tryckning kommer")


async def _stands(check: PlanCheck, status: str) -> bool:
    """Return whether the consent is shown to stand so."""
    return bool((await check.state("sensor", "consent"))["state"] == status)


async def check_erasure(check: PlanCheck) -> None:
    """Erased on request: no trace is left, and the journal still proves that nobody changed it."""
    device = {"device_id": check.home.base.brukare_id}
    try:
        await check.act("erase_brukare", {**device, "code": "fel"})
    except HassError as err:
        check.expect(f"fel kod raderar inget: {err}", is_true=True)
    consent = {**device, "service": "larm", "decided_on": "2026-11-01", "status": "withdrawn"}
    await check.act("register_consent", consent)
    await check.close_all()
    await check.act("erase_brukare", {**device, "code": cast.BRUKARE["code"]})
    verdict = await check.act("verify_journal")
    check.expect(f"journalens kedja håller: {verdict}", is_true=bool(verdict["sound"]))
    folder = check.home.hass.config / "homecare_h2o"
    found = await asyncio.to_thread(_find, folder, (cast.BRUKARE["name"], cast.BRUKARE["address"], COMMENT_PART))
    check.expect(f"inga spår av personen i journalen ({found})", is_true=not found)


COMMENT_PART = "ny medicin"
"""Of what the larmansvarig wrote about the person."""


def _find(folder: Path, words: tuple[str, ...]) -> list[str]:
    """Return the files that hold any of these words."""
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(word.encode() in path.read_bytes() for word in words)
    ]
