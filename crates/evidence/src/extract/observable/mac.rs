//! Hardware addresses, in the spellings of IEEE 802 and of routers.
//!
//! Cleaning rule: lower case, colons.

use std::borrow::Cow;

use model::ObservableKind as Kind;

use super::{Scene, is_wordy};

/// Reads `00:00:5e:00:53:01`, whose first group is `start..group_end`.
pub(super) fn read(scene: &mut Scene<'_>, start: usize, group_end: usize) -> Option<usize> {
    if group_end - start != 2 || scene.before(start) == b':' {
        return None;
    }
    let end = start + 17;
    let groups = scene.text.get(start..end)?;
    if scene.at(end) == b':' || !put(scene, start, end, groups, b':') {
        return None;
    }
    Some(end)
}

/// Reads the run as `00-00-5e-00-53-01`; says whether it is one.
pub(super) fn hyphened(scene: &mut Scene<'_>, start: usize, end: usize) -> bool {
    let groups = &scene.text[start..end];
    put(scene, start, end, groups, b'-')
}

/// Reads the run as `0000.5e00.5301`.
pub(super) fn dotted(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let groups = &scene.text[start..end];
    let fits =
        groups.len() == 14 && groups[4] == b'.' && groups[9] == b'.' && groups.iter().any(u8::is_ascii_alphabetic);
    (fits && put(scene, start, end, groups, b'.')).then_some(end)
}

fn put(scene: &mut Scene<'_>, start: usize, end: usize, groups: &[u8], mark: u8) -> bool {
    let digits: Vec<u8> = groups.iter().copied().filter(|&byte| byte != mark).collect();
    let period = if mark == b'.' { 5 } else { 3 };
    let marks_fit = groups.iter().enumerate().all(|(index, &byte)| (index % period == period - 1) == (byte == mark));
    let is_mac = marks_fit && digits.len() == 12 && digits.iter().all(u8::is_ascii_hexdigit);
    if !is_mac || is_wordy(scene.before(start)) || is_wordy(scene.at(end)) {
        return false;
    }
    let pairs: Vec<String> = digits.chunks(2).map(|pair| String::from_utf8_lossy(pair).to_ascii_lowercase()).collect();
    scene.put(Kind::Mac, start, end, Cow::Owned(pairs.join(":")));
    true
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn three_spellings() {
        check(&[
            ("at 00:00:5E:00:53:01.", "mac 00:00:5e:00:53:01"),
            ("00-00-5e-00-53-01", "mac 00:00:5e:00:53:01"),
            ("0000.5e00.5301", "mac 00:00:5e:00:53:01"),
            ("12:34:56 00:00:5e:00:53:01:02", ""),
        ]);
    }
}
