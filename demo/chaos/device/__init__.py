"""What Home Assistant loads beside the integration, by a link in its configuration folder."""
