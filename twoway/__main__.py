"""`python -m twoway` is the `twoway` command."""

import sys

from twoway.ops.cli import main

if __name__ == "__main__":
    sys.exit(main())
