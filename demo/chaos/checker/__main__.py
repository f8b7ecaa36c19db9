"""Judge a run by what it left in a folder."""

from pathlib import Path
import sys

from . import judge

if __name__ == "__main__":
    print(judge(Path(sys.argv[1])).as_json())
