"""Set up Z-Wave in a running Home Assistant, through its own config flow."""

from demo.hass import HassClient

from .network import SimulatedNetwork


async def async_set_up_zwave(client: HassClient, network: SimulatedNetwork) -> str:
    """Connect Home Assistant to a started network; return the config entry's id."""
    flow = await client.run_config_flow("zwave_js", {"url": network.url})
    return str(flow["result"]["entry_id"])
