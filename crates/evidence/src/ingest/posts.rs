//! Posts of social platforms, out of the tables and JSON lines in which
//! platforms, archives and researchers hand them over.
//!
//! Nearly every export calls its columns otherwise. `platforms/` has one file
//! for each kind of export that says which columns hold what; the first that
//! fits a source reads it. Posts are of persons: who shared what tells what
//! somebody thinks, so the whole row is private, and products count.

mod link;
mod mapping;

use std::borrow::Cow;

use coordination::similar::Print;
use model::{At, Cell, Loss, Out, tables};

pub use self::link::{canonical, first as first_link};
use super::instant;
use super::mail::date;
use mapping::{Field, MAPPINGS, Mapping};

/// Which columns of a source hold what, by the mapping that fits it.
pub struct Posts {
    platform: &'static str,
    columns: [Option<String>; Field::ALL.len()],
}

impl Posts {
    /// The reading of a source with these columns, `None` if it holds no posts.
    pub fn of(columns: &[String]) -> Option<Self> {
        let fits = |mapping: &'static Mapping| {
            let columns = Field::ALL.map(|field| mapping.column(field, columns).map(str::to_owned));
            let posts = Self { platform: &mapping.platform, columns };
            let has = |field: Field| posts.column(field).is_some();
            let said = [Field::Text, Field::Link, Field::Media, Field::Original].into_iter().any(has);
            (has(Field::Account) && has(Field::Time) && said && mapping.told_by(columns_of(&posts))).then_some(posts)
        };
        fn columns_of(posts: &Posts) -> impl Iterator<Item = Field> + '_ {
            Field::ALL.into_iter().filter(|&field| posts.column(field).is_some())
        }
        MAPPINGS.iter().find_map(fits)
    }

    fn column(&self, field: Field) -> Option<&str> {
        self.columns.get(field as usize)?.as_deref()
    }

    /// Whether the column names who posted.
    pub fn names_account(&self, column: &str) -> bool {
        self.column(Field::Account) == Some(column)
    }

    /// The columns with person data: who posted, and what.
    pub fn person_columns(&self) -> Vec<String> {
        [Field::Account, Field::Text].into_iter().filter_map(|field| self.column(field)).map(str::to_owned).collect()
    }

    /// One post; `cell` gives the text of a column.
    pub fn row<'t>(&self, cell: &dyn Fn(&str) -> Option<Cow<'t, str>>, at: At<'_>, out: &mut dyn Out) {
        let get = |field: Field| self.column(field).and_then(cell).filter(|text| !text.trim().is_empty());
        let Some(account) = get(Field::Account) else { return lose("post names no account", at, out) };
        let Some(time) = get(Field::Time).and_then(|text| moment(&text)) else {
            return lose("post has no readable time", at, out);
        };
        let created = get(Field::Created).and_then(|text| moment(&text));
        let text = get(Field::Text);
        let written = get(Field::Link);
        let link = [written.as_deref(), text.as_deref()].into_iter().flatten().find_map(link::first);
        let shared = link.and_then(link::canonical);
        let print = text.as_deref().and_then(Print::of).map(|print| print.hex());
        let (media, original) = (get(Field::Media), get(Field::Original));
        let cells = [
            self.platform.into(),
            account.trim().into(),
            created.map_or(Cell::Null, Cell::Time),
            Cell::Time(time),
            link.into(),
            shared.as_deref().into(),
            media.as_deref().map(str::trim).into(),
            original.as_deref().map(str::trim).into(),
            text.as_deref().into(),
            print.as_deref().into(),
        ];
        out.row(&tables::POSTS, at, &cells);
    }
}

fn lose(reason: &str, at: At<'_>, out: &mut dyn Out) {
    out.loss(at, Loss { reason, count: 1, detail: "" });
}

/// An instant in any of the spellings of exports: RFC 3339, counts of seconds
/// with or without a fraction, or as mail programs and older interfaces write.
fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = text.split_once('.').filter(|(count, rest)| {
        !count.is_empty() && count.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit())
    });
    instant::micros(whole.map_or(text, |(count, _)| count)).or_else(|| Some(date::parse(text)?.micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(columns: &str, platform: Option<&str>) {
        let columns: Vec<String> = columns.split(',').map(str::to_owned).collect();
        assert_eq!(Posts::of(&columns).map(|posts| posts.platform), platform, "{columns:?}");
    }

    #[test]
    fn exports_are_told_by_their_columns() {
        check("account,created_at,posted_at,text,url,shares", Some("generic"));
        check("object_id,account_id,content_id,timestamp_share", Some("shares"));
        check("tweetid,userid,user_screen_name,account_creation_date,tweet_time,tweet_text,urls", Some("x-archive"));
        check("id,created_at,text,user.screen_name,user.created_at,entities.urls.expanded_url", Some("x"));
        check("id,created_at,content,account.acct,account.created_at,reblog.url", Some("mastodon"));
        check("Page Name,Page Created,Post Created,Message,Link,Likes", Some("crowdtangle"));
        check("author,created_utc,subreddit,title,selftext,url", Some("reddit"));
    }

    #[test]
    fn logs_and_lists_are_no_posts() {
        check("user,timestamp,message", None);
        check("time,level,account,message,host", None);
        check("indicator,type,actor,first_seen,last_seen,source,confidence", None);
        check("id,claimed_at,who,channel,claim,subject", None);
        check("voter_id,surname,given,dob,party", None);
    }

    #[test]
    fn times_in_all_spellings() {
        let wanted = Some(1_539_202_764_000_000);
        for text in [
            "2018-10-10T20:19:24Z",
            "1539202764",
            "1539202764000",
            "1539202764.0",
            "Wed Oct 10 20:19:24 +0000 2018",
            "Wed, 10 Oct 2018 22:19:24 +0200",
        ] {
            assert_eq!(moment(text), wanted, "{text}");
        }
        assert_eq!(moment("yesterday"), None);
    }
}
