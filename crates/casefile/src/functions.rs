//! The SQL functions of Handprint, in one list.
//!
//! Each takes texts (numbers are converted) and gives a text, or null where it
//! has nothing to say. Ballista's executors register the same list.

use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result as EngineResult;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::expr_fn::SimpleScalarUDF;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Signature, Volatility};
use model::{Locator, address};

use crate::hash;

/// One SQL function.
#[derive(Debug)]
pub struct SqlFunction {
    /// Name in SQL.
    pub name: &'static str,
    /// Arguments as documentation shows them.
    pub arguments: &'static str,
    /// How many it takes; none for any number.
    arity: Option<usize>,
    /// One line for lists.
    pub summary: &'static str,
    /// What it does at the edges, with an example.
    pub doc: &'static str,
    body: fn(&[Option<&str>], &[String]) -> Option<String>,
}

/// All functions: places first, then addresses, names and ids.
pub const FUNCTIONS: &[SqlFunction] = &[
    SqlFunction {
        name: "locator",
        arguments: "evidence, chain, start, length",
        arity: Some(4),
        summary: "The written form of a place in the evidence.",
        doc: "Joins the four locator columns into the text that `handprint show` takes. A length of 0 \
              or null names the whole of what the chain gives. Null if the columns name no place.\n\n\
              `SELECT locator(evidence, chain, start, length) FROM slips`",
        body: locator,
    },
    SqlFunction {
        name: "ip_key",
        arguments: "address",
        arity: Some(1),
        summary: "An address as 32 hexadecimal digits that sort as addresses do.",
        doc: "IPv4 is mapped into IPv6, so both families compare in one column. Null if the text is no address.\n\n\
              `SELECT * FROM prefixes WHERE ip_key('192.0.2.7') BETWEEN first AND last`",
        body: ip_key,
    },
    SqlFunction {
        name: "range_first",
        arguments: "address or range",
        arity: Some(1),
        summary: "The key of the first address of a CIDR range.",
        doc: "An address alone is a range of one. Host bits that are set are cleared. Null if the text is neither.\n\n\
              `SELECT range_first('198.51.100.0/24')`",
        body: |given, _| address::range_keys(one(given)?.trim()).map(|(first, _)| first),
    },
    SqlFunction {
        name: "range_last",
        arguments: "address or range",
        arity: Some(1),
        summary: "The key of the last address of a CIDR range.",
        doc: "See `range_first`.\n\n`SELECT range_last('198.51.100.0/24')`",
        body: |given, _| address::range_keys(one(given)?.trim()).map(|(_, last)| last),
    },
    SqlFunction {
        name: "is_unrouted",
        arguments: "address",
        arity: Some(1),
        summary: "Whether an address means something inside one network only: true or false.",
        doc: "Loopback, private use (RFC 1918), unique local (RFC 4193) and link-local addresses. Ranges for \
              documentation are not among them. Null if the text is no address.\n\n\
              `SELECT * FROM hops WHERE is_unrouted(from_ip) = 'false'`",
        body: |given, _| Some(address::is_unrouted(one(given)?.trim().parse().ok()?).to_string()),
    },
    SqlFunction {
        name: "registered_domain",
        arguments: "domain",
        arity: Some(1),
        summary: "The name that somebody registered: one label below the public suffix.",
        doc: "Lower case, without a dot at the end. Suffixes come from the public suffix list and from \
              `extra_suffixes` in case.toml. Null for addresses and for suffixes themselves.\n\n\
              `SELECT registered_domain('mail.a.example.co.uk')` gives `example.co.uk`",
        body: |given, suffixes| registered_domain(one(given)?, suffixes),
    },
    SqlFunction {
        name: "hash_id",
        arguments: "text, ...",
        arity: None,
        summary: "A short id that depends on the texts alone.",
        doc: "The first 16 hexadecimal digits of the SHA-256 of all texts, each followed by a zero byte; null \
              counts as a text of its own. Row ids are made of locators with it, never of counters.\n\n\
              `SELECT hash_id(kind, value) FROM values`",
        body: |given, _| Some(hash_id(given)),
    },
];

/// What a function does with one row.
pub type FunctionBody = Arc<dyn Fn(&[Option<&str>]) -> Option<String> + Send + Sync>;

/// Registers every function. `suffixes` are those of the case.
pub(crate) fn register(registry: &mut dyn FunctionRegistry, suffixes: &[String]) -> EngineResult<()> {
    for function in FUNCTIONS {
        let suffixes = suffixes.to_vec();
        let body = Arc::new(move |given: &[Option<&str>]| (function.body)(given, &suffixes));
        add(registry, function.name, function.arity, body)?;
    }
    Ok(())
}

/// Registers one function; the same texts must always give the same text.
pub(crate) fn add(
    registry: &mut dyn FunctionRegistry,
    name: &str,
    arity: Option<usize>,
    body: FunctionBody,
) -> EngineResult<()> {
    let signature = match arity {
        Some(count) => Signature::any(count, Volatility::Immutable),
        None => Signature::variadic_any(Volatility::Immutable),
    };
    let body = Arc::new(move |arguments: &[ColumnarValue]| call(&body, arguments));
    let simple = SimpleScalarUDF::new_with_signature(name, signature, DataType::Utf8, body);
    registry.register_udf(Arc::new(ScalarUDF::from(simple)))?;
    Ok(())
}

fn call(body: &FunctionBody, arguments: &[ColumnarValue]) -> EngineResult<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let texts: Vec<ArrayRef> =
        arrays.iter().map(|array| cast(array, &DataType::Utf8)).collect::<std::result::Result<_, _>>()?;
    let columns: Vec<&StringArray> = texts.iter().map(|array| array.as_string::<i32>()).collect();
    let rows = columns.first().map_or(1, |column| column.len());
    let mut given = Vec::with_capacity(columns.len());
    let results: StringArray = (0..rows)
        .map(|row| {
            given.clear();
            given.extend(columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))));
            body(&given)
        })
        .collect();
    let constant = arguments.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
    match constant {
        true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&results, 0)?)),
        false => Ok(ColumnarValue::Array(Arc::new(results))),
    }
}

fn one<'a>(given: &[Option<&'a str>]) -> Option<&'a str> {
    given.first().copied().flatten()
}

fn locator(given: &[Option<&str>], _: &[String]) -> Option<String> {
    let &[Some(evidence), chain, start, length] = given else { return None };
    let number = |text: Option<&str>| text.map_or(Some(0), |text| text.parse::<u64>().ok());
    let (start, length) = (number(start)?, number(length)?);
    start.checked_add(length)?;
    Locator::from_columns(evidence, chain.unwrap_or_default(), start, length).ok().map(|locator| locator.to_string())
}

fn ip_key(given: &[Option<&str>], _: &[String]) -> Option<String> {
    one(given)?.trim().parse().ok().map(address::ip_key)
}

/// The name that somebody registered, as the SQL function of that name gives it.
pub fn registered_domain(name: &str, suffixes: &[String]) -> Option<String> {
    let name = name.trim().trim_end_matches('.').to_lowercase();
    if name.parse::<IpAddr>().is_ok() || name.split('.').any(str::is_empty) {
        return None;
    }
    let listed = psl::suffix_str(&name).map_or(0, str::len);
    let ends_with = |suffix: &&String| {
        name == **suffix || name.strip_suffix(suffix.as_str()).is_some_and(|before| before.ends_with('.'))
    };
    let declared = suffixes.iter().filter(ends_with).map(String::len).max().unwrap_or(0);
    let before = name.get(..name.len().checked_sub(listed.max(declared) + 1)?)?;
    let label = before.rfind('.').map_or(0, |dot| dot + 1);
    name.get(label..).map(str::to_owned)
}

/// A short id that depends on the texts alone, as the SQL function of that name gives it.
pub fn hash_id(given: &[Option<&str>]) -> String {
    let mut bytes = Vec::new();
    for text in given {
        match text {
            Some(text) => bytes.extend_from_slice(text.as_bytes()),
            // No text holds this byte, so null is unlike every text.
            None => bytes.push(0xff),
        }
        bytes.push(0);
    }
    hash::of(&bytes).to_hex().chars().take(16).collect()
}
