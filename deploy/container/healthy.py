"""Does the site answer? For the container's HEALTHCHECK; the exit status says it."""

import os
import urllib.request
from urllib.parse import urlsplit

host = urlsplit(os.environ.get("IVLE_PUBLIC_URL", "")).netloc or "localhost"
address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
with urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=4) as answer:
    answer.read()
