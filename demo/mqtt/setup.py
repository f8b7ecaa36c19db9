"""Set up MQTT in a running Home Assistant, through its own config flow."""

from demo.hass import HassClient

from .broker import Broker


async def async_set_up_mqtt(client: HassClient, broker: Broker) -> str:
    """Connect Home Assistant to a started broker; return the config entry's id."""
    answer = {
        "broker": broker.host,
        "port": broker.port,
        # amqtt knows no other.
        "protocol": "3.1.1",
        "other_settings": {"set_client_cert": False, "set_ca_cert": "off", "transport": "tcp"},
    }
    flow = await client.run_config_flow("mqtt", answer)
    return str(flow["result"]["entry_id"])
