"""Whether few enough tests failed in the last run to be tried again: `few_failed.py CACHE LIMIT` ends with 1 if not."""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    failed = json.loads(Path(sys.argv[1], "v/cache/lastfailed").read_text())
    print(*failed, sep="\n")
    sys.exit(len(failed) > int(sys.argv[2]))
