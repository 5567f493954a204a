"""From where somebody comes, as far as the limits of guests need to know it: a keyed hash of the network."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any, Final

from django.utils.crypto import salted_hmac

NETWORK_BITS: Final = 64  # of IPv6: what one household has at the least (RFC 6177)
NOWHERE: Final = "unknown"  # all whose address is none share one place


def address_of(scope: dict[str, Any]) -> str:
    """Of a request, which has come through ivle/proxies.py."""
    host, *_port = scope.get("client") or (NOWHERE,)
    return salted_hmac("shells.address", network_of(str(host)), algorithm="sha256").hexdigest()[:32]


def network_of(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return NOWHERE
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), NETWORK_BITS), strict=False))
    return str(address)
