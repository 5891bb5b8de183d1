"""`python -m zelo` is `zelo`."""

from zelo.cli.main import main

main()
