import os
import time

os.write(1, b"%d\n" % time.monotonic_ns())
