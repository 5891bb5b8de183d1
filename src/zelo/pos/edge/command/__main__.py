"""`python -m zelo.pos.edge.command`: the same as `zelo-edge`."""

import sys

from zelo.pos.edge.command.main import main

if __name__ == "__main__":
    sys.exit(main())
