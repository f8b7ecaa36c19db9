"""The actions about the handlingsplan: read it, print it, bring a line back, say why it was changed (HP.1-HP.4)."""

from enum import StrEnum
from typing import Any

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
import probatio as vol

from .action import Action, actor_of, ask_hub, brukare_id_of
from .core.roles import Permission
from .hub import Hub
from .plan_edit import async_comment, async_restore
from .plan_print import async_write_html, write_text
from .plan_view import async_describe_plan

ATTR_CHANGE_ID = "change_id"
ATTR_COMMENT = "comment"
ATTR_FORMAT = "format"
LONGEST_COMMENT = 4000


class PlanFormat(StrEnum):
    """How the plan is written."""

    JSON = "json"
    TEXT = "text"
    HTML = "html"


CHANGE: dict[Any, Any] = {vol.Required(ATTR_CHANGE_ID): vol.All(cv.string, vol.Length(min=1, max=64))}
COMMENT = vol.All(cv.string, str.strip, vol.Length(min=1, max=LONGEST_COMMENT))

RESTORE: dict[Any, Any] = {**CHANGE, vol.Optional(ATTR_COMMENT): vol.Any(None, "", COMMENT)}
REMARK: dict[Any, Any] = {**CHANGE, vol.Required(ATTR_COMMENT): COMMENT}

GET_PLAN_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_FORMAT, default=PlanFormat.JSON): vol.Coerce(PlanFormat),
    }
)
RESTORE_SCHEMA = vol.Schema(RESTORE)
COMMENT_SCHEMA = vol.Schema(REMARK)


async def _get_plan(call: ServiceCall) -> ServiceResponse:
    """Return a brukare's handlingsplan: as data, or as something to read or print."""

    async def ask(hub: Hub) -> ServiceResponse:
        hass = call.hass
        plan = await async_describe_plan(hass, hub, brukare_id_of(call, hub))
        match call.data[ATTR_FORMAT]:
            case PlanFormat.TEXT:
                content = await hass.async_add_executor_job(write_text, hub.wording, plan)
            case PlanFormat.HTML:
                content = await async_write_html(hass, hub, plan)
            case _:
                return plan
        return {"format": call.data[ATTR_FORMAT], "code": plan["code"], "content": content}

    return await ask_hub(call, ask)


async def _restore_plan_line(call: ServiceCall) -> ServiceResponse:
    """Make a line as it was before a change, and say why."""

    async def ask(hub: Hub) -> ServiceResponse:
        restored, comment = call.data[ATTR_CHANGE_ID], call.data.get(ATTR_COMMENT)
        change_id = await async_restore(call.hass, hub, restored, actor_of(call), comment)
        return {"change_id": change_id, "restored_from": restored}

    return await ask_hub(call, ask)


async def _comment_plan_change(call: ServiceCall) -> ServiceResponse:
    """Say why a line was changed."""
    change_id, comment = call.data[ATTR_CHANGE_ID], call.data[ATTR_COMMENT]

    async def ask(hub: Hub) -> ServiceResponse:
        await async_comment(hub, change_id, comment, actor_of(call))
        return {"change_id": change_id}

    return await ask_hub(call, ask)


ACTIONS: dict[str, Action] = {
    "get_plan": (_get_plan, GET_PLAN_SCHEMA, SupportsResponse.ONLY, Permission.READ),
    "restore_plan_line": (_restore_plan_line, RESTORE_SCHEMA, SupportsResponse.OPTIONAL, Permission.RESTORE),
    "comment_plan_change": (_comment_plan_change, COMMENT_SCHEMA, SupportsResponse.OPTIONAL, Permission.RESTORE),
}
