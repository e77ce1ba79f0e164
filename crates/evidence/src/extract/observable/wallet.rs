//! Cryptocurrency wallets whose own checksum holds.
//!
//! Cleaning rule: as found, except that bech32 and unmixed Ethereum addresses
//! are written in lower case. An Ethereum address in one case carries no
//! checksum and counts only where the words before it speak of money.

use std::borrow::Cow;

use model::ObservableKind as Kind;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::{Scene, is_wordy};

/// Version bytes of Bitcoin, Litecoin, Dogecoin and Tron addresses.
const VERSIONS: &[u8] = &[0x00, 0x05, 0x30, 0x32, 0x1e, 0x16, 0x41];

/// Reads the run as a wallet; says whether it is one.
pub(super) fn read(scene: &mut Scene<'_>, start: usize, end: usize) -> bool {
    let run = &scene.text[start..end];
    if is_wordy(scene.before(start)) || is_wordy(scene.at(end)) || !run.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let value = match run {
        [b'0', b'x' | b'X', ..] if run.len() == 42 => ethereum(scene, start, run),
        [b'b' | b'B' | b'l' | b'L', ..] if is_bech32(run) => Some(lower(run)),
        [b'1' | b'3' | b'L' | b'M' | b'D' | b'T', ..] if run.len() <= 35 && is_base58(run) => {
            Some(String::from_utf8_lossy(run))
        }
        _ => None,
    };
    let Some(value) = value else { return false };
    scene.put(Kind::Wallet, start, end, value);
    true
}

fn lower(run: &[u8]) -> Cow<'_, str> {
    Cow::Owned(String::from_utf8_lossy(run).to_ascii_lowercase())
}

fn is_base58(run: &[u8]) -> bool {
    let mut decoded = [0; 40];
    let Ok(length) = bs58::decode(run).onto(&mut decoded) else { return false };
    if length != 25 || !VERSIONS.contains(&decoded[0]) {
        return false;
    }
    Sha256::digest(Sha256::digest(&decoded[..21]))[..4] == decoded[21..25]
}

fn is_bech32(run: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(run) else { return false };
    bech32::segwit::decode(text).is_ok_and(|(hrp, ..)| matches!(hrp.to_lowercase().as_str(), "bc" | "ltc"))
}

/// EIP-55: the case of each letter is a bit of the digest of the address.
fn ethereum<'t>(scene: &Scene<'_>, start: usize, run: &'t [u8]) -> Option<Cow<'t, str>> {
    let digits = &run[2..];
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mixed = digits.iter().any(u8::is_ascii_uppercase) && digits.iter().any(u8::is_ascii_lowercase);
    if !mixed {
        return speaks_of_money(scene, start).then(|| lower(run));
    }
    let digest = Keccak256::digest(digits.to_ascii_lowercase());
    let holds = digits.iter().enumerate().filter(|(_, digit)| digit.is_ascii_alphabetic()).all(|(index, digit)| {
        let nibble = if index % 2 == 0 { digest[index / 2] >> 4 } else { digest[index / 2] & 15 };
        (nibble >= 8) == digit.is_ascii_uppercase()
    });
    holds.then(|| String::from_utf8_lossy(run))
}

fn speaks_of_money(scene: &Scene<'_>, start: usize) -> bool {
    const WORDS: &[&[u8]] = &[b"eth", b"wallet", b"usdt", b"erc20", b"erc-20", b"usdc", b"crypto", b"donat", b"coin"];
    let before = scene.text[start.saturating_sub(48)..start].to_ascii_lowercase();
    WORDS.iter().any(|word| memchr::memmem::find(&before, word).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::check;

    // The addresses are those of the specifications (BIP 173, EIP-55) and of
    // the all-zero key hash; nobody's.
    #[test]
    fn checksums_decide() {
        check(&[
            ("1111111111111111111114oLvT2", "wallet 1111111111111111111114oLvT2"),
            ("1111111111111111111114oLvT3", ""),
            ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "wallet bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", ""),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "wallet 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", ""),
            ("ETH: 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "wallet 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
            ("at 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", ""),
        ]);
    }
}
