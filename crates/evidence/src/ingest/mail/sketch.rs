//! A short fingerprint of what a mail says, in which variants of one text agree.
//!
//! What differs between the copies of a bulk mail is taken out first: addresses,
//! links, numbers, and words that stand with a capital inside a sentence, as
//! names of people, streets and towns do. Of the rest every run of three words
//! is hashed, and the smallest hash under each of [`HASHES`] permutations kept
//! (MinHash, Broder 1997). Two texts agree in about as large a share of them as
//! they share runs. Grouped in bands, equal bands find candidates without
//! comparing all pairs (Leskovec, Rajaraman, Ullman, "Mining of Massive
//! Datasets", 3.4): with 16 bands of 4, two texts that share half of their
//! runs meet with a chance of 64 %, with three quarters of them of 99.8 %.

use std::hash::Hasher;

use coordination::similar;

/// Permutations.
pub const HASHES: usize = 64;

/// Permutations in one band.
const BAND: usize = 4;

/// Runs of words below which texts agree by chance.
const RUNS: usize = 8;

/// Words of a text that are looked at; what follows is usually quoted or a footer.
const WORDS: usize = 1_000;

/// The fingerprint of one text.
#[derive(Debug, PartialEq, Eq)]
pub struct Sketch {
    /// Words that it was made from, what was taken out not counted.
    pub words: u64,
    /// Low eight bits of the smallest hashes, hexadecimal, two digits each.
    pub hashes: String,
    /// A hash of each band, hexadecimal, eight digits each.
    pub bands: String,
}

/// The fingerprint of a text; none if it says too little.
pub fn of(text: &str) -> Option<Sketch> {
    let words = words(text);
    if words.len() < RUNS + 2 {
        return None;
    }
    let hash = |run: &[String]| {
        let mut hasher = Fnv::default();
        for word in run {
            hasher.write(word.as_bytes());
            hasher.write_u8(b' ');
        }
        hasher.finish()
    };
    let smallest: [u64; HASHES] = similar::smallest(words.windows(3).map(hash), similar::finalised);
    let hashes = smallest.iter().map(|hash| format!("{:02x}", hash & 0xff)).collect();
    let bands = smallest.chunks(BAND).map(|band| {
        let mut hasher = Fnv::default();
        band.iter().for_each(|hash| hasher.write(&hash.to_le_bytes()));
        format!("{:08x}", hasher.finish() >> 32)
    });
    Some(Sketch { words: words.iter().filter(|word| !is_mask(word)).count() as u64, hashes, bands: bands.collect() })
}

const NAME: &str = "^";
const NUMBER: &str = "#";

fn is_mask(word: &str) -> bool {
    word == NAME || word == NUMBER
}

/// Words in lower case, with what names somebody masked.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '\t']);
        // A blank line ends a sentence that no mark ends.
        begins |= line.is_empty();
        for written in line.split_whitespace() {
            let word = written.trim_matches(|c: char| !c.is_alphanumeric());
            let ends = written.ends_with(['.', '!', '?', ':', '\u{3002}', '\u{061f}']);
            if !word.is_empty() {
                let masked = if word.contains('@') || word.contains("://") || word.starts_with("www.") {
                    NAME.to_owned()
                } else if word.contains(|c: char| c.is_ascii_digit()) {
                    NUMBER.to_owned()
                } else if !begins && word.starts_with(char::is_uppercase) {
                    NAME.to_owned()
                } else {
                    word.to_lowercase()
                };
                // A name of two words and one of three are alike.
                if !(is_mask(&masked) && words.last().is_some_and(|last| *last == masked)) {
                    words.push(masked);
                }
                begins = false;
                if words.len() == WORDS {
                    return words;
                }
            }
            begins |= ends;
        }
    }
    words
}

/// FNV-1a: the same on every machine and release, unlike the standard hasher.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        similar::finalised(self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const LETTER: &str = "Dear Ada Muster,\n\nwe hold the list of all members and know that you live at 12 Sample Road \
        in Oldtown. You will vote for our friends on the day, or we shall come after you. Change your party at once \
        and let us know that you got this message. We will know which candidate you voted for.\n";

    fn share(a: &Sketch, b: &Sketch) -> usize {
        a.hashes.as_bytes().chunks(2).zip(b.hashes.as_bytes().chunks(2)).filter(|(a, b)| a == b).count()
    }

    fn meet(a: &Sketch, b: &Sketch) -> bool {
        a.bands.as_bytes().chunks(8).zip(b.bands.as_bytes().chunks(8)).any(|(a, b)| a == b)
    }

    #[test]
    fn names_addresses_and_numbers_make_no_difference() {
        let other = LETTER
            .replace("Ada Muster", "Jean-Luc van der Beispiel")
            .replace("12 Sample Road", "9 Upper Test Lane")
            .replace("Oldtown", "Saint Example");
        let (a, b) = (of(LETTER).unwrap(), of(&other).unwrap());
        assert!(share(&a, &b) > 50 && meet(&a, &b), "{} of 64", share(&a, &b));
    }

    #[test]
    fn a_changed_sentence_leaves_variants_together_and_other_texts_apart() {
        let variant =
            LETTER.replace("We will know which candidate you voted for.", "Nobody can help you, so take it seriously.");
        let other = "The library opens at nine this week. Bring back books that you borrowed before the holidays, since \
            the reading room will be closed for repairs until the end of the month and nothing can be handed in then.";
        let (a, b, c) = (of(LETTER).unwrap(), of(&variant).unwrap(), of(other).unwrap());
        assert!(share(&a, &b) > 32 && meet(&a, &b), "{} of 64", share(&a, &b));
        assert!(share(&a, &c) < 8 && !meet(&a, &c), "{} of 64", share(&a, &c));
    }

    #[test]
    fn quotation_marks_and_case_make_no_difference_and_short_texts_have_none() {
        let quoted: String = LETTER.lines().map(|line| format!("> {line}\r\n")).collect();
        assert_eq!(of(LETTER), of(&quoted));
        assert_eq!(of("Thanks, see you on Monday."), None);
        assert_eq!(of(""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text: String) {
            if let Some(sketch) = of(&text) {
                proptest::prop_assert_eq!((sketch.hashes.len(), sketch.bands.len()), (HASHES * 2, HASHES / BAND * 8));
            }
        }
    }
}
