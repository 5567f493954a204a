"""Uses so many seconds of CPU in one process, or in each of several for as long as it may."""

import os
import sys
import time

seconds, processes = float(sys.argv[1]), int(sys.argv[2])
for _ in range(processes - 1):
    if os.fork() == 0:
        break
os.write(1, b"u")
while time.process_time() < seconds:
    pass
