"""The first program: whatever it prints appears in the browser."""

import sys
from datetime import datetime

print("Hello! This is Python", sys.version.split()[0])
print("It is", datetime.now().strftime("%H:%M:%S on %A, %d %B %Y."))
print("Change me, open me again, and I say something else.")
