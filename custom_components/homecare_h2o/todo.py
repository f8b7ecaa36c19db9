"""The larmansvarig's inbox as a list for each brukare (R011.1).

The list knows two states: what is new or ongoing needs action, what is archived is completed. Nothing can be deleted.
"""

from typing import override

from homeassistant.components.todo import (
    TodoItem,
    TodoItemStatus,
    TodoListEntity,
    TodoListEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN, SIGNAL_DEVIATIONS
from .core.deviations import Deviation
from .core.errors import HomeCareError
from .core.events import Actor, DeviationKind, DeviationStatus
from .core.roles import Permission
from .deviation_view import describe_more, summarize
from .entity import BrukareEntity
from .hub import HomeCareConfigEntry
from .roles import async_require
from .settings import brukare_of
from .translated import as_hass_error

PARALLEL_UPDATES = 0

DEVIATIONS = EntityDescription(key="deviations", translation_key="deviations")


async def async_setup_entry(
    hass: HomeAssistant, entry: HomeCareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the inbox of each brukare."""
    for subentry in brukare_of(entry):
        async_add_entities(
            [DeviationList(entry.runtime_data, subentry, DEVIATIONS)], config_subentry_id=subentry.subentry_id
        )


class DeviationList(BrukareEntity, TodoListEntity):
    """What the larmansvarig has to look at."""

    _attr_supported_features = (
        TodoListEntityFeature.CREATE_TODO_ITEM
        | TodoListEntityFeature.UPDATE_TODO_ITEM
        | TodoListEntityFeature.SET_DESCRIPTION_ON_ITEM
    )

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what is filed and worked on."""
        self.async_on_remove(async_dispatcher_connect(self.hass, SIGNAL_DEVIATIONS, self.async_write_ha_state))

    @property
    @override
    def todo_items(self) -> list[TodoItem] | None:
        """Return the brukare's inbox, newest first; None until the journal has been read."""
        deviations = self.hub.deviations
        if not deviations.is_ready:
            return None
        return [self._item(each) for each in reversed(deviations.inbox.items) if each.brukare_id == self.brukare_id]

    def _item(self, deviation: Deviation) -> TodoItem:
        """Return something in the inbox as the list shows it."""
        return TodoItem(
            uid=deviation.deviation_id,
            summary=summarize(self.hass, self.hub, deviation),
            description=describe_more(deviation),
            status=TodoItemStatus.NEEDS_ACTION if deviation.is_open else TodoItemStatus.COMPLETED,
            completed=None if deviation.is_open else deviation.touched_at,
        )

    @override
    async def async_create_todo_item(self, item: TodoItem) -> None:
        """File something that somebody wrote in."""
        by = await self._async_require()
        try:
            await self.hub.deviations.file(
                self.brukare_id, DeviationKind.OWN, item.summary, comment=item.description or None, by=by
            )
        except HomeCareError as err:
            raise as_hass_error(err) from err

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Archive, reopen or comment; the line itself says what happened, and stays."""
        by = await self._async_require()
        try:
            known = self.hub.deviations.find(item.uid or "")
            if item.summary not in {summarize(self.hass, self.hub, known, status) for status in DeviationStatus}:
                raise ServiceValidationError(translation_domain=DOMAIN, translation_key="deviation_text_fixed")
            await self.hub.deviations.update(
                known.deviation_id, by, status=_find_status(item, known), comment=_find_comment(item, known)
            )
        except HomeCareError as err:
            raise as_hass_error(err) from err

    async def _async_require(self) -> Actor:
        """Return who asks; raises ServiceValidationError for somebody who may not."""
        # Before anything is waited for: the next call sets another context.
        context = self._context
        await async_require(self.hass, context, Permission.DEVIATIONS)
        return Actor(user_id=context.user_id if context else None)


def _find_status(item: TodoItem, known: Deviation) -> DeviationStatus | None:
    """Return the status that the list's two states stand for; None if that has not changed."""
    # It comes as plain text.
    is_open = item.status != TodoItemStatus.COMPLETED
    if is_open == known.is_open:
        return None
    return DeviationStatus.ONGOING if is_open else DeviationStatus.ARCHIVED


def _find_comment(item: TodoItem, known: Deviation) -> str | None:
    """Return the new comment, None if it is as it was."""
    shown, written = describe_more(known) or "", item.description or ""
    return None if written == shown else written
