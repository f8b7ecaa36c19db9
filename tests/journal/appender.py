"""A process that appends until it is killed and prints each acknowledged row; not run by pytest itself."""

import asyncio
from pathlib import Path
import sys
from types import ModuleType

ROOT = Path(__file__).parents[2]
PACKAGE = "custom_components.homecare_h2o"


def tell(text: str) -> None:
    """Say at once what has happened."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def append_for_ever(path: Path) -> None:
    """Raise one alarm after the other, each with its calls, in transactions of different sizes."""
    from tests.journal.factory import called, notified, open_journal, raised, resolved

    journal, damage = await open_journal(path)
    tell("damage" if damage else "sound")
    number = len(await journal.load_alarms(limit=1_000_000))
    while True:
        number += 1
        await journal.append([raised(number), called(number)])
        tell(f"alarm{number}")
        await journal.append([notified(number)])
        await journal.append([resolved(number)] * (number % 2), finished=[f"alarm{number}"] * (number % 2))
        tell(f"finished alarm{number}" if number % 2 else f"notified alarm{number}")


async def purge_for_ever(path: Path) -> None:
    """Write alarms, every third of which stays open, and remove the older ones step by step."""
    from custom_components.homecare_h2o import journal_purge
    from tests.journal.factory import closed_alarm, open_alarm, open_journal, raised, started

    journal_purge.STEP = 7
    journal, damage = await open_journal(path)
    tell("damage" if damage else "sound")
    number = (await journal.load_extent()).rows + (await journal.load_extent()).removed
    while True:
        for _ in range(20):
            number += 1
            is_open = number % 3 == 0
            finished = [] if is_open else [f"alarm{number}"]
            await journal.append(open_alarm(number) if is_open else closed_alarm(number), finished=finished)
            tell(f"open alarm{number}" if is_open else f"alarm{number}")
        before = raised(number - 5).at
        await journal.purge(before, started(10 * number).at)
        tell(f"purged {number - 5}")


WORK = {"append": append_for_ever, "purge": purge_for_ever}


if __name__ == "__main__":
    # The journal needs no Home Assistant, and without it the process starts in a tenth of a second.
    package = ModuleType(PACKAGE)
    package.__path__ = [str(ROOT / "custom_components" / "homecare_h2o")]
    sys.modules[PACKAGE] = package
    sys.path.insert(0, str(ROOT))
    asyncio.run(WORK[sys.argv[2]](Path(sys.argv[1])))
