//! Whether two spellings may be of one name, whatever their scripts.
//!
//! Both are brought to Latin letters, word by word; titles, articles and legal
//! forms are left out. Words meet by their skeleton: consonants, those that
//! romanisations mix up taken as one. [`keys`] are pairs of skeletons, so that
//! two spellings are found by equality if they share two words in any order;
//! [`likeness`] then says how alike they are. A likeness is a reason to look,
//! never an identity: names are not unique.

use std::collections::BTreeSet;

use any_ascii::any_ascii_char;

/// Likeness, in thousandths, from which two spellings are listed beside each
/// other: two words whose letters differ as romanisations do (a vowel, a doubled
/// letter) reach it; two that share a first name alone do not.
pub const ALIKE: u32 = 860;

/// Words of a name that are looked at; longer ones are sentences.
const WORDS: usize = 8;

/// Letters from which a name of one word can be told from a word.
const TELLING: usize = 6;

/// A likeness below which two words are different ones.
const WORD_ALIKE: f64 = 0.86;

/// Words that tell nobody from anybody: titles, particles, legal forms.
const EMPTY: &[&str] = &[
    "al", "el", "ul", "bin", "ibn", "bint", "abu", "de", "von", "van", "der", "the", "and", "of", "mr", "mrs", "ms",
    "dr", "prof", "sheikh", "haji", "ltd", "llc", "llp", "inc", "co", "corp", "company", "limited", "gmbh", "ag", "sa",
    "srl", "ooo", "oao", "pao", "zao", "ao", "fze", "jsc", "pjsc", "plc", "group", "holding",
];

/// One word in Latin letters.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    latin: String,
    skeletons: Vec<String>,
    /// Whether it was written without its vowels, as Arabic and Hebrew are.
    bare: bool,
}

impl Word {
    fn of(raw: &str) -> Option<Self> {
        let bare = raw.chars().any(|c| matches!(c, '\u{590}'..='\u{7ff}' | '\u{8a0}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'));
        // The article is written in one with its word there, and apart in most romanisations.
        let raw = raw.strip_prefix("ال").filter(|rest| rest.chars().count() > 2).unwrap_or(raw);
        let latin: String =
            raw.chars().flat_map(|c| any_ascii_char(c).chars()).filter(char::is_ascii_alphanumeric).collect();
        let latin = latin.to_ascii_lowercase();
        if latin.len() < 2 || EMPTY.contains(&&*latin) {
            return None;
        }
        // A w is a consonant in some romanisations and a long vowel in others.
        let mut skeletons: Vec<String> = [Some('f'), None].into_iter().map(|w| skeleton(&latin, w)).collect();
        skeletons.retain(|skeleton| !skeleton.is_empty());
        skeletons.dedup();
        if skeletons.is_empty() {
            skeletons.push(latin.clone());
        }
        Some(Self { latin, skeletons, bare })
    }

    fn likeness(&self, other: &Self) -> f64 {
        if self.latin == other.latin {
            return 1.0;
        }
        let letters = strsim::jaro_winkler(&self.latin, &other.latin);
        let shared = self.skeletons.iter().any(|skeleton| other.skeletons.contains(skeleton));
        match (shared, self.bare || other.bare) {
            // Without vowels nothing is left to differ, and nothing to confirm it.
            (true, true) => 0.9,
            (true, false) => f64::midpoint(1.0, letters),
            (false, _) => letters - 0.05,
        }
    }
}

/// Consonants by class, doubled ones once; `w` says what a w is taken for.
fn skeleton(latin: &str, w: Option<char>) -> String {
    const CLASSES: &[(&str, &str)] = &[
        ("schtsch", "s"),
        ("shch", "s"),
        ("dsch", "j"),
        ("tsch", "c"),
        ("sch", "s"),
        ("dzh", "j"),
        ("tch", "c"),
        ("sh", "s"),
        ("zh", "j"),
        ("ch", "c"),
        ("kh", "h"),
        ("gh", "g"),
        ("ph", "f"),
        ("th", "t"),
        ("dh", "d"),
        ("dj", "j"),
        ("ts", "c"),
        ("tz", "c"),
        ("ck", "k"),
        ("ic", "c"),
        ("ce", "s"),
        ("ci", "s"),
        ("x", "ks"),
        ("q", "k"),
        ("c", "k"),
        ("v", "f"),
        ("z", "s"),
    ];
    let mut found = String::new();
    let mut rest = latin;
    while let Some(first) = rest.chars().next() {
        let class = CLASSES.iter().find(|(letters, _)| rest.starts_with(letters) && (*letters != "ic" || rest == "ic"));
        let (letters, class) = class.map_or((1, None), |(letters, class)| (letters.len(), Some(*class)));
        let ends = rest.len() == letters;
        match (class, first) {
            (Some(class), _) => class.chars().for_each(|c| push(&mut found, c)),
            (None, 'a' | 'e' | 'i' | 'o' | 'u' | 'y') => {}
            (None, 'h') if ends => {}
            (None, 'w') => w.into_iter().for_each(|c| push(&mut found, c)),
            (None, other) => push(&mut found, other),
        }
        rest = &rest[letters..];
    }
    found
}

fn push(found: &mut String, c: char) {
    if !found.ends_with(c) {
        found.push(c);
    }
}

/// The telling words of a name.
fn words(name: &str) -> Vec<Word> {
    let mut apart = String::new();
    for c in name.chars() {
        // Scripts without spaces: a character is a word of its own.
        let alone = matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
        match c {
            _ if alone => apart.extend([' ', c, ' ']),
            // An apostrophe or a mark stands within its word.
            '\'' | '\u{2019}' | '\u{2bc}' | '`' | '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{652}' => {}
            _ if c.is_alphanumeric() => apart.push(c),
            _ => apart.push(' '),
        }
    }
    apart.split_whitespace().filter_map(Word::of).take(WORDS).collect()
}

/// Keys by which spellings of one name meet: equal ones are worth comparing.
pub fn keys(name: &str) -> BTreeSet<String> {
    let words = words(name);
    let mut keys = BTreeSet::new();
    if let [one] = words.as_slice()
        && one.latin.len() >= TELLING
    {
        keys.extend(one.skeletons.iter().filter(|skeleton| skeleton.len() > 2).cloned());
    }
    for (n, first) in words.iter().enumerate() {
        for second in &words[n + 1..] {
            for a in &first.skeletons {
                keys.extend(
                    second.skeletons.iter().map(|b| if a <= b { format!("{a}-{b}") } else { format!("{b}-{a}") }),
                );
            }
        }
    }
    keys
}

/// How alike two spellings are, in thousandths.
///
/// Each word of the shorter name takes the word of the other that is most like
/// it; what the longer one has more (a patronymic, a second name) costs little.
pub fn likeness(one: &str, other: &str) -> u32 {
    let (one, other) = (words(one), words(other));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let mut left: Vec<&Word> = long.iter().collect();
    let mut sum = 0.0;
    for word in &short {
        let best = left.iter().enumerate().map(|(at, other)| (at, word.likeness(other)));
        let best = best.max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)));
        match best {
            Some((at, likeness)) if likeness >= WORD_ALIKE => {
                sum += likeness;
                left.remove(at);
            }
            _ => return 0,
        }
    }
    // One word out of several is a first name, and no name.
    let tells = short.len() >= 2 || (short.len() == 1 && left.is_empty() && short[0].latin.len() >= TELLING);
    if !tells {
        return 0;
    }
    let mean = sum / short.len() as f64;
    let more = 0.02 * left.len() as f64;
    ((mean - more).clamp(0.0, 1.0) * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Invented people, as registries, passports and newspapers of several countries would spell them.
    const SAME: &[[&str; 2]] = &[
        ["MAREKOV, Vadim Olegovich", "Вадим Олегович Мареков"],
        ["Vadim Marekov", "Wadim Marekow"],
        ["Vadim Marekoff", "МАРЕКОВ Вадим"],
        ["Yusuf al-Qadiri", "يوسف القادري"],
        ["Muhammad Haddad", "Mohammed Hadad"],
        ["محمد حداد", "Mohamed Haddad"],
        ["Aleksandr Shcherbin", "Alexander Schtscherbin"],
        ["Zoran Milić", "Зоран Милић"],
        ["Χρήστος Βενιζέρης", "Christos Venizeris"],
        ["Harbour Lantern Trading LLC", "Harbor Lantern Trading Company"],
        ["Ilya Zhukarin", "Илья Жукарин"],
    ];

    const OTHERS: &[[&str; 2]] = &[
        ["Vadim Marekov", "Vadim Petrenko"],
        ["Vadim Marekov", "Vadim"],
        ["Muhammad Haddad", "Muhammad Hamdan"],
        ["Harbour Lantern Trading LLC", "Harbour Gate Shipping LLC"],
        ["Support Team", "Support Desk"],
        ["", "Vadim Marekov"],
    ];

    #[test]
    fn spellings_of_one_name_meet_and_others_do_not() {
        let mut wrong = Vec::new();
        for [one, other] in SAME {
            let met = !keys(one).is_disjoint(&keys(other));
            let alike = likeness(one, other);
            if !met || alike < ALIKE {
                wrong.push(format!("{one} and {other}: {met} {alike} {:?} {:?}", keys(one), keys(other)));
            }
        }
        for [one, other] in OTHERS {
            let alike = likeness(one, other);
            if alike >= ALIKE {
                wrong.push(format!("{one} and {other} are alike: {alike}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    proptest! {
        #[test]
        fn likeness_has_no_direction_and_a_name_is_like_itself(one in "\\PC{0,24}", other in "\\PC{0,24}") {
            prop_assert!(keys(&one).is_empty() || likeness(&one, &one) == 1000);
            prop_assert_eq!(likeness(&one, &other), likeness(&other, &one));
            prop_assert!(likeness(&one, &other) <= 1000);
        }

        #[test]
        fn order_and_case_of_words_change_nothing(words in proptest::collection::vec("[a-z]{2,9}", 2..5)) {
            let there = words.join(" ");
            let back: Vec<String> = words.iter().rev().map(|word| word.to_uppercase()).collect();
            prop_assert_eq!(keys(&there), keys(&back.join(", ")));
        }
    }
}
