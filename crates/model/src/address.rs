//! Addresses as sortable keys, so that ranges of both families compare as text.

use std::net::{IpAddr, Ipv6Addr};

/// An address as 32 hexadecimal digits, IPv4 mapped into IPv6 (RFC 4291, 2.5.5.2).
pub fn ip_key(ip: IpAddr) -> String {
    format!("{:032x}", u128::from(mapped(ip)))
}

/// First and last key of an address or CIDR range; `None` if it is neither.
/// Host bits that are set are cleared, as lists often leave them in.
pub fn range_keys(prefix: &str) -> Option<(String, String)> {
    let (first, last) = match prefix.split_once('/') {
        Some((ip, length)) => range(ip.parse().ok()?, length.parse().ok()?)?,
        None => {
            let bits = u128::from(mapped(prefix.parse().ok()?));
            (bits, bits)
        }
    };
    Some((format!("{first:032x}"), format!("{last:032x}")))
}

/// First and last address of the range of that prefix length that holds the
/// address, IPv4 mapped into IPv6; `None` if the family has no such length.
pub fn range(ip: IpAddr, length: u8) -> Option<(u128, u128)> {
    let family_bits = if ip.is_ipv4() { 32 } else { 128 };
    let host_bits = family_bits - u32::from(length).min(family_bits);
    let host_mask = if host_bits == 128 { u128::MAX } else { (1u128 << host_bits) - 1 };
    let bits = u128::from(mapped(ip));
    (u32::from(length) <= family_bits).then_some((bits & !host_mask, bits | host_mask))
}

/// Whether an address means something inside one network only: loopback, private use
/// (RFC 1918), unique local (RFC 4193), link-local. Documentation ranges are none of these.
pub fn is_unrouted(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

fn mapped(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_are_told_from_those_that_are_routed() {
        let inner = ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.9", "169.254.7.7", "::1", "fe80::1", "fd00::1"];
        let routed = ["172.32.0.1", "192.0.2.1", "203.0.113.9", "100.64.0.1", "240.0.0.1", "2001:db8::1", "fec0::1"];
        let unrouted = |text: &&str| is_unrouted(text.parse().expect("an address"));
        assert!(inner.iter().all(unrouted) && !routed.iter().any(unrouted));
    }

    #[test]
    fn ranges_hold_their_addresses_and_no_others() {
        let (first, last) = range_keys("192.0.2.64/28").expect("a range");
        let key = |text: &str| ip_key(text.parse().expect("an address"));
        assert!(first == key("192.0.2.64") && last == key("192.0.2.79"));
        assert_eq!(range_keys("192.0.2.70/28"), range_keys("192.0.2.64/28"));
        assert_eq!(range_keys("::/0").map(|(_, last)| last), Some("f".repeat(32)));
        assert_eq!(range_keys("192.0.2.0/33"), None);
        assert_eq!(range_keys("192.0.2"), None);
    }
}
