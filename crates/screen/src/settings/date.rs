//! Days and months as systems write them, in some languages that use Latin letters.

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// Year of four digits.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

impl Day {
    /// None for what no calendar has.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let is_day = (1990..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        is_day.then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`).
    pub fn number(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(form, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Months from January and weekdays from Monday on, as the C library of GNU shortens them.
type Calendar = (&'static str, [&'static str; 12], [&'static str; 7]);

const CALENDARS: &[Calendar] = &[
    (
        "en",
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ),
    (
        "cs",
        ["led", "úno", "bře", "dub", "kvě", "čen", "čec", "srp", "zář", "říj", "lis", "pro"],
        ["Po", "Út", "St", "Čt", "Pá", "So", "Ne"],
    ),
    (
        "de",
        ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
        ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
    ),
    (
        "es",
        ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
        ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
    ),
    (
        "fr",
        ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
        ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
    ),
    (
        "id",
        ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
        ["Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"],
    ),
    (
        "it",
        ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
        ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
    ),
    (
        "nl",
        ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
        ["ma", "di", "wo", "do", "vr", "za", "zo"],
    ),
    (
        "pl",
        ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"],
        ["pon", "wto", "śro", "czw", "pią", "sob", "nie"],
    ),
    (
        "pt",
        ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
        ["seg", "ter", "qua", "qui", "sex", "sáb", "dom"],
    ),
    (
        "tr",
        ["Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"],
        ["Pzt", "Sal", "Çar", "Per", "Cum", "Cmt", "Paz"],
    ),
];

/// The month that a word names, 1 to 12, and in which languages. No month has
/// a digit, so what was read as one is its look-alike.
pub(super) fn month(word: &str) -> Option<(u32, Vec<&'static str>)> {
    let word = word.strip_prefix('0').map_or_else(|| word.to_owned(), |rest| format!("O{rest}"));
    let word = word.replace('0', "o").replace('1', "l");
    named(&word, |(_, months, _)| months).map(|(at, tags)| (at as u32 + 1, tags))
}

/// The languages in which a word names a day of the week.
pub(super) fn weekday(word: &str) -> Option<Vec<&'static str>> {
    named(word, |(_, _, days)| days).map(|(_, tags)| tags)
}

/// The place of a word in a list of each calendar, by the first that has it.
fn named<'c, const N: usize>(
    word: &str,
    list: impl Fn(&'c Calendar) -> &'c [&'static str; N],
) -> Option<(usize, Vec<&'static str>)> {
    let place = |calendar| list(calendar).iter().position(|name| *name == word).map(|at| (at, calendar.0));
    let found: Vec<(usize, &str)> = CALENDARS.iter().filter_map(place).collect();
    let first = found.first()?.0;
    Some((first, found.into_iter().filter(|(at, _)| *at == first).map(|(_, tag)| tag).collect()))
}

/// A day written in numbers: `2024-11-22`, `22.11.2024`, `22-Nov-24`, and
/// `11/22/2024` where only one order of day and month is possible.
pub(super) fn numeric(word: &str) -> Option<Option<Day>> {
    let sign = word.chars().find(|c| "-./".contains(*c))?;
    let parts: Vec<&str> = word.split(sign).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok())?;
    let (one, three) = (number(first)?, number(third)?);
    let two = number(second).or_else(|| month(second).map(|(month, _)| month))?;
    if first.len() == 4 {
        return Some(Day::new(i32::try_from(one).ok()?, two, three));
    }
    let year = i32::try_from(if third.len() == 2 { 2000 + three } else { three }).ok()?;
    let sure = sign != '/' || one > 12 || one == two;
    match (first.len() <= 2 && matches!(third.len(), 2 | 4), sure) {
        (false, _) => None,
        (true, true) => Some(Day::new(year, two, one)),
        (true, false) if two > 12 => Some(Day::new(year, one, two)),
        (true, false) => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbered_from_1970() {
        for (year, month, day, number) in [(1970, 1, 1, 0), (2000, 2, 29, 11_016), (2024, 11, 22, 20_049)] {
            let day = Day { year, month, day };
            assert_eq!(day.number(), number, "{day}");
        }
    }

    #[test]
    fn days_in_numbers() {
        let shown = |word| numeric(word).map(|day| day.map(|day| day.to_string()));
        assert_eq!(shown("2024-11-22"), Some(Some("2024-11-22".to_owned())));
        assert_eq!(shown("22.11.2024"), Some(Some("2024-11-22".to_owned())));
        assert_eq!(shown("22-Nov-24"), Some(Some("2024-11-22".to_owned())));
        assert_eq!(shown("11/22/2024"), Some(Some("2024-11-22".to_owned())));
        assert_eq!(shown("11/12/2024"), Some(None));
        assert_eq!(shown("192.0.2"), None);
        assert_eq!(shown("1.2.3.4"), None);
        assert_eq!(shown("x"), None);
    }

    #[test]
    fn months_tell_languages() {
        assert_eq!(month("ene"), Some((1, vec!["es"])));
        assert_eq!(month("Nov"), Some((11, vec!["en", "de", "id"])));
        assert_eq!(month("lis"), Some((11, vec!["cs", "pl"])));
        assert_eq!(month("0kt"), Some((10, vec!["de", "id"])));
        assert_eq!(month("ju1"), Some((7, vec!["es", "nl", "pt"])));
        assert_eq!(month("01"), None);
        assert_eq!(month("xyz"), None);
        assert_eq!(weekday("Fr"), Some(vec!["de"]));
    }
}
