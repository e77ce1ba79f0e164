//! What account names show: the form that a generator leaves, and whose they
//! openly are.

/// The form of a name: letters as `a`, other signs as themselves, digits by
/// their number, as `a9{5}` for `rowanleaf40213`.
pub fn form(name: &str) -> String {
    let mut form = String::new();
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_numeric() {
            let mut digits = 1;
            while chars.next_if(|c| c.is_numeric()).is_some() {
                digits += 1;
            }
            form.push_str(&format!("9{{{digits}}}"));
        } else if !c.is_alphabetic() {
            form.push(c);
        } else if !form.ends_with('a') {
            form.push('a');
        }
    }
    form
}

/// Letters of a label below which it stands in many names by accident.
const SHORTEST_LABEL: usize = 4;

/// Whether a name openly carries the label of a site, as `sandbank_sports`
/// carries that of `sandbank.example`.
pub fn carries(name: &str, label: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let (name, label): (String, String) = (plain(name), plain(label));
    label.chars().count() >= SHORTEST_LABEL && name.contains(&label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_keep_what_a_generator_repeats() {
        for (name, wanted) in [
            ("rowanleaf40213", "a9{5}"),
            ("Rowan_Leaf", "a_a"),
            ("rowan.17leaf3", "a.9{2}a9{1}"),
            ("ålesund", "a"),
            ("", ""),
        ] {
            assert_eq!(form(name), wanted, "{name}");
        }
    }

    #[test]
    fn labels_are_found_whole() {
        assert!(carries("Sand-Bank_sports", "sandbank"));
        assert!(!carries("sandbar_sports", "sandbank"));
        assert!(!carries("co_sports", "co"));
    }
}
