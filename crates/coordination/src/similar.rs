//! Texts that say nearly the same, without comparing all with all.
//!
//! A text is stripped of links, case and punctuation and cut into overlapping
//! pieces of four characters, which serves scripts without spaces too. Sixteen
//! smallest hashes of the pieces are its [`Print`]; two prints agree in about as
//! many places as the texts have pieces in common (Broder's MinHash). A new
//! print is held only against those that agree with it in one of four bands,
//! and against a bounded number of them.

use std::collections::BTreeMap;

/// Smallest hashes that a print has.
const HASHES: usize = 16;
/// Hashes that two prints share to say nearly the same: 11 of 16 stand for
/// seven tenths of the pieces, which survives a changed word in a short post.
const ALIKE: usize = 11;
/// Hashes in a band.
const BAND: usize = 4;
/// Texts of one band that a new one is held against.
const LOOKS: usize = 8;
/// Characters below which a text is a greeting that anybody may write.
const SHORTEST: usize = 20;
/// Characters of a piece.
const PIECE: usize = 4;

/// What a text is recognised by; it does not give the text back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Print([u16; HASHES]);

impl Print {
    /// The print of a text, `None` if it is too short to tell.
    pub fn of(text: &str) -> Option<Self> {
        let letters = plain(text);
        if letters.len() < SHORTEST {
            return None;
        }
        let hash = |piece: &[char]| {
            piece.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, &c| mix(hash ^ u64::from(u32::from(c))))
        };
        let least: [u64; HASHES] = smallest(letters.windows(PIECE).map(hash), mix);
        Some(Self(least.map(|hash| (mix(hash) >> 48) as u16)))
    }

    /// As 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|hash| format!("{hash:04x}")).collect()
    }

    /// Reads [`Print::hex`] back.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut hashes = [0; HASHES];
        for (at, hash) in hashes.iter_mut().enumerate() {
            *hash = u16::from_str_radix(hex.get(at * 4..at * 4 + 4)?, 16).ok()?;
        }
        (hex.len() == HASHES * 4).then_some(Self(hashes))
    }

    fn alike(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count() >= ALIKE
    }

    fn bands(&self) -> impl Iterator<Item = (usize, [u16; BAND])> + '_ {
        self.0.chunks_exact(BAND).enumerate().filter_map(|(at, band)| Some((at, band.try_into().ok()?)))
    }
}

/// Letters and digits in lower case, words parted by one space, links left out.
fn plain(text: &str) -> Vec<char> {
    let mut plain = Vec::new();
    for word in text.split_whitespace().filter(|word| !word.contains("://")) {
        let before = plain.len();
        plain.extend(word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
        if plain.len() > before {
            plain.push(' ');
        }
    }
    plain
}

/// The smallest hash of each of `N` permutations (MinHash, Broder 1997), which `mix` makes from a salt.
pub fn smallest<const N: usize>(hashes: impl IntoIterator<Item = u64>, mix: impl Fn(u64) -> u64) -> [u64; N] {
    let salts: [u64; N] = std::array::from_fn(|n| mix(n as u64 + 1));
    let mut smallest = [u64::MAX; N];
    for hash in hashes {
        for (least, salt) in smallest.iter_mut().zip(&salts) {
            *least = (*least).min(mix(hash ^ salt));
        }
    }
    smallest
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), which spreads every bit over all.
pub fn finalised(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// One step of SplitMix64.
fn mix(bits: u64) -> u64 {
    finalised(bits.wrapping_add(0x9e37_79b9_7f4a_7c15))
}

/// Prints sorted into kinds of text, in the order in which they come.
#[derive(Debug, Default)]
pub struct Kinds {
    /// The first print of each kind.
    firsts: Vec<Print>,
    bands: BTreeMap<(usize, [u16; BAND]), Vec<u32>>,
}

impl Kinds {
    /// Number of the kind that a print belongs to, a new one if none is alike.
    pub fn kind(&mut self, print: &Print) -> u32 {
        let known = print
            .bands()
            .filter_map(|band| self.bands.get(&band))
            .flatten()
            .copied()
            .filter(|&kind| self.firsts[kind as usize].alike(print))
            .min();
        if let Some(known) = known {
            return known;
        }
        let kind = self.firsts.len() as u32;
        self.firsts.push(*print);
        for band in print.bands() {
            let kinds = self.bands.entry(band).or_default();
            if kinds.len() < LOOKS {
                kinds.push(kind);
            }
        }
        kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(texts: &[&str]) -> Vec<u32> {
        let mut kinds = Kinds::default();
        texts.iter().map(|text| kinds.kind(&Print::of(text).expect("long enough"))).collect()
    }

    #[test]
    fn decoration_and_a_changed_word_make_no_new_text() {
        let found = kinds(&[
            "The harbour gates stay open all night for the boats of the neighbours",
            "the HARBOUR gates stay open all night, for the boats of the neighbours!!! https://a.test/1",
            "The harbour gates stay open all night for the ships of the neighbours",
            "A quiet evening with bread and music in the old town hall near the river",
        ]);
        assert_eq!(found, [0, 0, 0, 1]);
    }

    #[test]
    fn scripts_without_spaces_are_told_apart() {
        let found = kinds(&[
            "港口的大门整夜敞开欢迎邻居们的船只进来停靠休息",
            "港口的大门整夜敞开欢迎邻居们的船只进来停靠休息吧",
            "今天晚上老城的市政厅里有面包和音乐请大家都来参加",
        ]);
        assert_eq!(found, [0, 0, 1]);
    }

    #[test]
    fn short_texts_tell_nothing_and_prints_read_back() {
        assert_eq!(Print::of("Good morning! https://a.test/long/address"), None);
        let print = Print::of("The harbour gates stay open all night").expect("long enough");
        assert_eq!(Print::from_hex(&print.hex()), Some(print));
        assert_eq!(Print::from_hex("00é"), None);
    }
}
