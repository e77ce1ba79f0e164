//! Feeds posts to the null model of `coordination`, and its groups back to SQL.
//!
//! The engine sorts shares by object and time and hands them over one object
//! after another, so that what is held here are accounts and pairs that
//! coincided, never posts. A second walk looks at how the groups' objects
//! spread.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, StringArray};
use casefile::{Result, Session};
use coordination::Share;
use coordination::grade::{Account, Signs, Surroundings};
use coordination::groups::{Group, groups};
use coordination::scan::Scan;
use coordination::similar::{Kinds, Print};
use coordination::spread::Spread;

use crate::columns::{register, text_column};

/// Ways of sharing, with what is shared and the label of its site.
const WAYS: [(&str, &str); 4] = [
    ("page", "SELECT page AS object, split_part(registered_domain(split_part(page, '/', 1)), '.', 1) AS label"),
    ("media", "SELECT media AS object, NULL AS label"),
    ("original", "SELECT original AS object, NULL AS label"),
    ("text", "SELECT kind AS object, NULL AS label"),
];

/// Objects of a group that are told by name.
const OBJECTS: usize = 20;

/// Prints that are sorted into kinds; beyond them only equal prints are one text.
const PRINTS: usize = 1_000_000;

/// Registers `text_kinds`: each print of a text with the print of its kind.
pub fn register_text_kinds(session: &Session) -> Result<()> {
    let mut kinds = Kinds::default();
    let mut firsts: Vec<String> = Vec::new();
    let (mut prints, mut of) = (Vec::new(), Vec::new());
    let query = "SELECT arrow_cast(print, 'Utf8') AS print FROM posts WHERE print IS NOT NULL GROUP BY print ORDER BY min(posted), print";
    session.stream(query, &mut |batch| {
        for print in batch.column(0).as_string::<i32>().iter().flatten() {
            let kind = Print::from_hex(print).filter(|_| prints.len() < PRINTS).map(|read| kinds.kind(&read) as usize);
            if kind == Some(firsts.len()) {
                firsts.push(print.to_owned());
            }
            of.push(kind.and_then(|kind| firsts.get(kind)).cloned().unwrap_or_else(|| print.to_owned()));
            prints.push(print.to_owned());
        }
        Ok(())
    })?;
    register(session, "text_kinds", vec![("print", text_column(prints)), ("kind", text_column(of))])
}

/// Registers `coordination_members` and `coordination_objects`.
pub fn register_groups(session: &Session) -> Result<()> {
    register_text_kinds(session)?;
    let people = People::read(session)?;
    let scans = WAYS.iter().map(|way| scan(session, &people, way)).collect::<Result<Vec<_>>>()?;
    let accounts: Vec<Account<'_>> = people.accounts();
    let around = Surroundings::new(&accounts);
    let found = groups(&scans, &around);
    let mut spreads = vec![Spread::default(); found.len()];
    let mut objects = Objects::default();
    for way in &WAYS {
        each_object(session, &people, way, &mut |object, label, shares| {
            for (number, group) in found.iter().enumerate() {
                let before = spreads[number].objects.len();
                spreads[number].object(group, object, label, shares, &|account| people.name(account));
                if let Some((object, first)) = spreads[number].objects.get(before) {
                    objects.push(number, way.0, object, *first);
                }
            }
        })?;
    }
    objects.register(session)?;
    members(session, &people, &found, &spreads)
}

/// All accounts, numbered in the order of their keys.
struct People {
    keys: Vec<String>,
    names: Vec<String>,
    created_secs: Vec<Option<i64>>,
}

impl People {
    fn read(session: &Session) -> Result<Self> {
        let mut people = Self { keys: Vec::new(), names: Vec::new(), created_secs: Vec::new() };
        let query = "
            SELECT arrow_cast(concat(platform, '/', account), 'Utf8') AS key, arrow_cast(min(account), 'Utf8') AS name,
                arrow_cast(arrow_cast(min(account_created), 'Timestamp(Second, Some(\"UTC\"))'), 'Int64') AS created
            FROM posts GROUP BY concat(platform, '/', account) ORDER BY key";
        session.stream(query, &mut |batch| {
            let (keys, names) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
            let created = batch.column(2).as_primitive::<Int64Type>();
            for ((key, name), created) in keys.iter().zip(names).zip(created) {
                people.keys.push(key.unwrap_or_default().to_owned());
                people.names.push(name.unwrap_or_default().to_owned());
                people.created_secs.push(created);
            }
            Ok(())
        })?;
        Ok(people)
    }

    fn accounts(&self) -> Vec<Account<'_>> {
        let pairs = self.names.iter().zip(&self.created_secs);
        pairs.map(|(name, &created_secs)| Account { name, created_secs }).collect()
    }

    fn name(&self, account: u32) -> &str {
        self.names.get(account as usize).map_or("", String::as_str)
    }

    fn key(&self, account: u32) -> &str {
        self.keys.get(account as usize).map_or("", String::as_str)
    }

    fn number(&self, key: &str) -> Option<u32> {
        self.keys.binary_search_by(|known| known.as_str().cmp(key)).ok().map(|number| number as u32)
    }
}

/// The shares of one way, without what everybody shares.
fn shares_query((way, object): &(&str, &str)) -> String {
    format!(
        "SELECT DISTINCT arrow_cast(s.object, 'Utf8') AS object, arrow_cast(s.label, 'Utf8') AS label,
            arrow_cast(s.key, 'Utf8') AS key, s.second
        FROM (
            {object}, concat(platform, '/', account) AS key,
                arrow_cast(arrow_cast(posted, 'Timestamp(Second, Some(\"UTC\"))'), 'Int64') AS second
            FROM posts LEFT JOIN text_kinds ON text_kinds.print = posts.print
        ) s
        LEFT ANTI JOIN (SELECT object FROM shared_objects WHERE way = '{way}' AND NOT counts) x ON x.object = s.object
        WHERE s.object IS NOT NULL"
    )
}

fn scan(session: &Session, people: &People, way: &(&str, &str)) -> Result<Scan> {
    let mut counts = vec![0; people.names.len()];
    let query = format!("SELECT key, count(*) AS shares FROM ({}) GROUP BY key", shares_query(way));
    session.stream(&query, &mut |batch| {
        let (keys, shares) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
        for (key, shares) in keys.iter().zip(shares) {
            if let Some(number) = people.number(key.unwrap_or_default()) {
                counts[number as usize] = u32::try_from(shares.unwrap_or(0)).unwrap_or(u32::MAX);
            }
        }
        Ok(())
    })?;
    let mut scan = Scan::new(counts);
    each_object(session, people, way, &mut |_, _, shares| {
        scan.object(shares);
    })?;
    Ok(scan)
}

type EachObject<'e> = dyn FnMut(&str, Option<&str>, &[Share]) + 'e;

/// Hands over the shares of one object after another, each in order of time.
fn each_object(session: &Session, people: &People, way: &(&str, &str), each: &mut EachObject<'_>) -> Result<()> {
    let mut shares: Vec<Share> = Vec::new();
    let mut current: Option<(String, Option<String>)> = None;
    let query = format!("SELECT * FROM ({}) ORDER BY object, second, key", shares_query(way));
    session.stream(&query, &mut |batch| {
        let [objects, labels, keys] = [0, 1, 2].map(|column| batch.column(column).clone());
        let seconds = batch.column(3).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let object = objects.as_string::<i32>().value(row);
            if current.as_ref().is_none_or(|(known, _)| known != object) {
                if let Some((known, label)) = &current {
                    each(known, label.as_deref(), &shares);
                }
                shares.clear();
                let label = labels
                    .as_string_opt::<i32>()
                    .filter(|labels| labels.is_valid(row))
                    .map(|labels| labels.value(row).to_owned());
                current = Some((object.to_owned(), label));
            }
            if let Some(account) = people.number(keys.as_string::<i32>().value(row)) {
                shares.push(Share { time_secs: seconds.value(row), account });
            }
        }
        Ok(())
    })?;
    if let Some((known, label)) = &current {
        each(known, label.as_deref(), &shares);
    }
    Ok(())
}

/// Rows of `coordination_objects` in the making.
#[derive(Default)]
struct Objects {
    groups: Vec<i64>,
    ways: Vec<String>,
    objects: Vec<String>,
    firsts: Vec<bool>,
}

impl Objects {
    fn push(&mut self, group: usize, way: &str, object: &str, first: bool) {
        self.groups.push(group as i64);
        self.ways.push(way.to_owned());
        self.objects.push(object.to_owned());
        self.firsts.push(first);
    }

    fn register(self, session: &Session) -> Result<()> {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("group_number", Arc::new(Int64Array::from(self.groups))),
            ("way", text_column(self.ways)),
            ("object", text_column(self.objects)),
            ("group_first", Arc::new(BooleanArray::from(self.firsts))),
        ];
        register(session, "coordination_objects", columns)
    }
}

fn members(session: &Session, people: &People, groups: &[Group], spreads: &[Spread]) -> Result<()> {
    let rows: Vec<_> = groups
        .iter()
        .zip(spreads)
        .enumerate()
        .flat_map(|(number, (group, spread))| group.members.iter().map(move |member| (number, group, spread, member)))
        .collect();
    let text = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
        Arc::new((0..rows.len()).map(of).collect::<StringArray>())
    };
    let number = |of: &dyn Fn(usize) -> usize| -> ArrayRef {
        Arc::new((0..rows.len()).map(|row| of(row) as i64).collect::<Int64Array>())
    };
    let truth = |of: &dyn Fn(usize) -> bool| -> ArrayRef {
        Arc::new(BooleanArray::from((0..rows.len()).map(of).collect::<Vec<_>>()))
    };
    let columns = vec![
        ("group_number", number(&|row| rows[row].0)),
        ("account_key", text(&|row| Some(people.key(rows[row].3.account).to_owned()))),
        ("standing", text(&|row| Some(rows[row].3.standing.word().to_owned()))),
        ("ties", number(&|row| rows[row].3.ties)),
        ("occasions", number(&|row| rows[row].3.occasions as usize)),
        ("first_spreader", truth(&|row| rows[row].2.first_spreaders.contains(&rows[row].3.account))),
        ("why", text(&|row| Some(why(rows[row].1, rows[row].3)))),
        ("declared", truth(&|row| rows[row].2.declared())),
        ("made_together", text(&|row| made_together(&rows[row].1.signs))),
        ("named_alike", text(&|row| named_alike(&rows[row].1.signs))),
        ("basis", text(&|row| Some(basis(rows[row].1)))),
        ("group_accounts", number(&|row| rows[row].1.members.len())),
        ("group_ties", number(&|row| rows[row].1.pairs)),
        ("window_secs", number(&|row| rows[row].1.window_secs as usize)),
        ("objects", text(&|row| Some(named_objects(rows[row].2)))),
        ("later_sharers", number(&|row| rows[row].2.later.len())),
    ];
    register(session, "coordination_members", columns)
}

fn why(group: &Group, member: &coordination::groups::Member) -> String {
    if member.ties == 0 {
        return format!(
            "shared the same within {} s of the others on {} occasion(s), and is made or named as they are",
            group.window_secs, member.occasions
        );
    }
    let others = group.members.len() - 1;
    format!("tied to {} of {others} others, on up to {} occasions", member.ties, member.occasions)
}

fn made_together(signs: &Signs) -> Option<String> {
    let made = signs.made_together?;
    Some(format!(
        "{} of them were made within days of each other, and {} other accounts in that time (chance {:.0e})",
        made.members, made.others, made.chance
    ))
}

fn named_alike(signs: &Signs) -> Option<String> {
    let named = signs.named_alike.as_ref()?;
    Some(format!(
        "{} of their names have the form {}, and those of {} other accounts (chance {:.0e})",
        named.members, named.form, named.others, named.chance
    ))
}

fn basis(group: &Group) -> String {
    let weakest = group.weakest;
    format!(
        "{} pairs are tied, the weakest by {} occasions within {} s where {:.3} were to be expected (chance {:.0e})",
        group.pairs, weakest.occasions, weakest.window_secs, weakest.expected, weakest.chance
    )
}

/// Prints of texts say nothing to a reader, so they are left out.
fn named_objects(spread: &Spread) -> String {
    let print = |object: &str| Print::from_hex(object).is_some();
    let named = spread.objects.iter().map(|(object, _)| object.as_str()).filter(|object| !print(object));
    serde_json::Value::from_iter(named.take(OBJECTS)).to_string()
}
