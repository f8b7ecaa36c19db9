"""A person's days played at high speed through the real integration, and what it made of them.

The world knows what the person does and what must be told of it; it knows nothing of the detectors. The player
shows it to a real Home Assistant; the judge compares the journal with the truth.
"""

import logging

# Home Assistant's cameras complain of a library that no home here needs.
logging.getLogger("homeassistant.components.camera").setLevel(logging.CRITICAL)
