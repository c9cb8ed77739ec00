"""Started by Mage's interpreter; a file, since what is given with ``-c`` looks like block code."""

import os

if os.fork():
    # The server is no child of the command that has started it: it is there for the next ones too.
    os._exit(0)

from mage_harness_warm.server import main

main()
