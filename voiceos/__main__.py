"""`python -m voiceos`: the same as the `voiceos` command."""

import sys

from voiceos.cli import main

if __name__ == "__main__":
    sys.exit(main())
