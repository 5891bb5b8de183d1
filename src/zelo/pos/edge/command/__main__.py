"""`python -m zelo.pos.edge.command`: the same as `zelo-edge`."""

import sys

from zelo.pos.edge.command.main import main

sys.exit(main())
