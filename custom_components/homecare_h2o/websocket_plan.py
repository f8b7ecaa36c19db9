"""What the panel asks of the handlingsplan, and does with it: each is the larmansvarig's (R011.3, R011.4, HP.2)."""

from typing import Any

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import probatio as vol

from .const import DOMAIN
from .core.events import Actor
from .feed import Build
from .hub import Hub
from .plan_edit import async_comment, async_restore, async_save_values, async_switch
from .plan_panel import async_describe_for_panel, describe_plans
from .plan_print import async_write_html
from .plan_services import ATTR_CHANGE_ID, ATTR_COMMENT, COMMENT
from .plan_view import async_describe_plan
from .settings import brukare_of
from .websocket_what_if import RULE, VALUES
from .what_if import find_line
from .wording import Wording

type Message = dict[str, Any]

PLAN: dict[Any, Any] = {vol.Optional("brukare_id"): cv.string}
LINE: dict[Any, Any] = {vol.Required("automation_id"): cv.entity_id, vol.Required("on"): cv.boolean}
SAVE: dict[Any, Any] = {
    vol.Required("rule"): RULE,
    vol.Required("brukare_id"): cv.string,
    vol.Required("inputs"): VALUES,
    vol.Required("seen"): cv.string,
    vol.Required(ATTR_COMMENT): COMMENT,
}
PRINT: dict[Any, Any] = {vol.Required("brukare_id"): cv.string}


def follow_plan(hass: HomeAssistant, _connection: ActiveConnection, msg: Message, wording: Wording) -> Build:
    """Follow one brukare's plan: the one that is asked for, or the only one; and whose plans there are."""

    async def build(hub: Hub) -> Message:
        plans = describe_plans(hub)
        only = plans[0]["brukare_id"] if len(plans) == 1 else None
        wanted = msg.get("brukare_id", only)
        found = [plan["brukare_id"] for plan in plans if plan["brukare_id"] == wanted]
        told = [await async_describe_for_panel(hass, hub, brukare_id, wording) for brukare_id in found]
        return {"brukare": plans, "plan": next(iter(told), None)}

    return build


async def comment_change(_hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Say why a line was changed."""
    await async_comment(hub, msg[ATTR_CHANGE_ID], msg[ATTR_COMMENT], _actor(connection))
    return {"change_id": msg[ATTR_CHANGE_ID]}


async def restore_line(hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Make a line as it was before a change, and say why."""
    restored, comment = msg[ATTR_CHANGE_ID], msg.get(ATTR_COMMENT)
    change_id = await async_restore(hass, hub, restored, _actor(connection), comment)
    return {"change_id": change_id, "restored_from": restored}


async def save_values(hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Give a line other values, and say why."""
    line = find_line(hass, hub, msg["rule"], None, msg["brukare_id"])
    change_id = await async_save_values(
        hass, hub, line, msg["inputs"], _actor(connection), seen=msg["seen"], comment=msg[ATTR_COMMENT]
    )
    return {"change_id": change_id}


async def set_line(hass: HomeAssistant, hub: Hub, connection: ActiveConnection, msg: Message) -> Message:
    """Turn a line on or off."""
    line = find_line(hass, hub, None, msg["automation_id"], None)
    await async_switch(hass, line, _actor(connection), on=msg["on"])
    return {"on": msg["on"]}


async def print_plan(hass: HomeAssistant, hub: Hub, _connection: ActiveConnection, msg: Message) -> Message:
    """Return a brukare's plan as a page to print."""
    brukare_id = msg["brukare_id"]
    if brukare_id not in {subentry.subentry_id for subentry in brukare_of(hub.entry)}:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_brukare")
    plan = await async_describe_plan(hass, hub, brukare_id)
    return {"code": plan["code"], "content": await async_write_html(hass, hub, plan)}


def _actor(connection: ActiveConnection) -> Actor:
    """Return who asks."""
    return Actor(user_id=connection.user.id)
