"""Small MaxMind DB files, for seeds and corpora."""

import ipaddress
import struct

MARK = b"\xab\xcd\xefMaxMind.com"


def value(item):
    """One value in the format's own encoding; small ones only, numbers with their type."""
    if isinstance(item, int) and not isinstance(item, bool):
        item = (item, 6)
    if isinstance(item, bool):
        return bytes([int(item), 7])
    if isinstance(item, tuple):
        number, kind = item
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return (bytes([kind << 5 | len(raw)]) if kind < 8 else bytes([len(raw), kind - 7])) + raw
    if isinstance(item, str):
        raw = item.encode()
        head = bytes([2 << 5 | len(raw)]) if len(raw) < 29 else bytes([2 << 5 | 29, len(raw) - 29])
        return head + raw
    if isinstance(item, list):
        return bytes([len(item), 4]) + b"".join(map(value, item))
    return bytes([7 << 5 | len(item)]) + b"".join(value(key) + value(held) for key, held in item.items())


def database(networks, kind, bits=24, version=6):
    """A file of that database type; `networks` maps CIDR texts to records."""
    nodes, data, places = [[None, None]], b"", {}
    for text, record in networks.items():
        network = ipaddress.ip_network(text)
        whole = int(network.network_address).to_bytes(network.max_prefixlen // 8, "big")
        length = network.prefixlen
        if version == 6 and network.version == 4:
            whole, length = bytes(12) + whole, length + 96
        node = 0
        for depth in range(length):
            side = whole[depth // 8] >> (7 - depth % 8) & 1
            if depth + 1 == length:
                if str(record) not in places:
                    places[str(record)] = len(data)
                    data += value(record)
                nodes[node][side] = ("data", places[str(record)])
            else:
                if not isinstance(nodes[node][side], int):
                    nodes[node][side] = len(nodes)
                    nodes.append([None, None])
                node = nodes[node][side]
    count = len(nodes)

    def number(side):
        if side is None:
            return count
        return side if isinstance(side, int) else count + 16 + side[1]

    tree = b""
    for left, right in ([number(side) for side in node] for node in nodes):
        if bits == 28:
            middle = bytes([left >> 24 << 4 | right >> 24])
            tree += (left & 0xFFFFFF).to_bytes(3, "big") + middle + (right & 0xFFFFFF).to_bytes(3, "big")
        else:
            tree += left.to_bytes(bits // 8, "big") + right.to_bytes(bits // 8, "big")
    about = {
        "node_count": count, "record_size": (bits, 5), "ip_version": (version, 5), "database_type": kind, "languages": ["en"],
        "binary_format_major_version": (2, 5), "binary_format_minor_version": (0, 5), "build_epoch": (1924992000, 9),
        "description": {"en": kind},
    }
    return tree + bytes(16) + data + MARK + value(about)


ASN = database({
    "192.0.2.0/24": {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Harbour Net"},
    "198.51.100.0/25": {"autonomous_system_number": 64497, "autonomous_system_organization": "Lantern Hosting"},
    "2001:db8::/32": {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Harbour Net"},
}, "GeoLite2-ASN")
ANONYMOUS = database({
    "192.0.2.128/28": {"is_anonymous": True, "is_anonymous_vpn": True},
    "198.51.100.7/32": {"is_anonymous": True, "is_tor_exit_node": True},
    "203.0.113.0/24": {"is_hosting_provider": True},
}, "GeoIP2-Anonymous-IP", 28)
COUNTRY = database({"192.0.2.0/26": {"country": {"iso_code": "XA", "names": {"en": "Exampleland"}}, "location": {"accuracy_radius": 100}}}, "Country", 32, 4)
