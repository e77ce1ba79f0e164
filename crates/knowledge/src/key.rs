//! Values as 64-bit keys.
//!
//! The keys of single values have their highest bit clear, those of address
//! ranges have it set, so that in a sorted column the ranges stand together at
//! the end. A range is found from an address by asking for each prefix length
//! in use: the key of a range depends on its bits alone, not on its spelling.
//! Two values may share a key; whoever finds a key compares the value too.

use std::net::IpAddr;

use model::address;
use sha2::{Digest, Sha256};

/// Set in the keys of ranges alone.
pub const RANGE: u64 = 1 << 63;

/// The key of a value; a range in CIDR notation gets that of its bits.
pub fn of(kind: &str, value: &str) -> u64 {
    let range = matches!(kind, "cidr" | "ip").then(|| value.split_once('/')).flatten();
    match range.and_then(|(ip, length)| Some((ip.parse().ok()?, length.parse().ok()?))) {
        Some((ip, length)) => of_range(ip, length).unwrap_or_else(|| exact(kind, value)),
        None => exact(kind, value),
    }
}

/// The key of the range of that prefix length that holds the address; `None`
/// if the family has no such length.
pub fn of_range(ip: IpAddr, length: u8) -> Option<u64> {
    let (first, _) = address::range(ip, length)?;
    let family = if ip.is_ipv4() { 4 } else { 6 };
    let mixed = mix(mix((first >> 64) as u64 ^ family << 8 ^ u64::from(length)) ^ first as u64);
    Some(mixed | RANGE)
}

/// Whether a key is that of a range.
pub fn is_range(key: u64) -> bool {
    key & RANGE != 0
}

fn exact(kind: &str, value: &str) -> u64 {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(value).finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first) & !RANGE
}

/// The finaliser of SplitMix64: every bit of the input changes half of those of the output.
fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_tell_equal_texts_apart_and_ranges_stand_at_the_end() {
        assert_ne!(of("username", "harbour"), of("hostname", "harbour"));
        assert!(!is_range(of("ip", "192.0.2.7")) && is_range(of("cidr", "192.0.2.0/24")));
        assert_eq!(of("cidr", "192.0.2.9/24"), of("cidr", "192.0.2.0/24"), "host bits mean nothing");
        assert_ne!(of("cidr", "192.0.2.0/24"), of("cidr", "192.0.2.0/25"));
        assert_ne!(of_range("::".parse().unwrap(), 0), of_range("0.0.0.0".parse().unwrap(), 0));
        assert!(!is_range(of("cidr", "no range/24")) && !is_range(of("url", "http://a.test/24")));
    }

    proptest! {
        #[test]
        fn an_address_finds_the_ranges_around_it(bits: u32, length in 0u8..=32) {
            let ip: IpAddr = std::net::Ipv4Addr::from(bits).into();
            let (first, _) = address::range(ip, length).unwrap();
            let spelled = format!("{}/{length}", std::net::Ipv6Addr::from(first).to_ipv4_mapped().unwrap());
            prop_assert_eq!(of_range(ip, length), Some(of("cidr", &spelled)));
        }
    }
}
