"""Addresses that the playground calls: webhooks on this machine, and none else."""

import re
from collections.abc import Set
from ipaddress import ip_address

_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[\w.-]+|\[[\da-f:]+\])(:(?P<port>\d{1,5}))?(/[!-\[\]-~]*)?", re.A)
_PORTS = {"http": 80, "https": 443}


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def why_not(url: str, ports: Set[int] | None) -> str:
    """Why no webhook may be at this address, in Telegram's words; empty if one may. `ports`: None for all."""
    named = _URL.fullmatch(url)
    if not named:
        return "An HTTPS URL must be provided for webhook"
    if not is_loopback(named["host"]):
        return "Failed to resolve host: Name or service not known"
    if ports is not None and int(named["port"] or _PORTS[named["scheme"]]) not in ports:
        return f"Webhook can be set up only on ports {', '.join(map(str, sorted(ports)))}"
    return ""
