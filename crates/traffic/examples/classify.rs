//! Prints the classes of attack of requests on standard input, for measuring.
//! One request a line, tab-separated: method, path, query, agent, Referer.

use std::io::{Read, Write};

use traffic::Request;
use traffic::attack::Classifier;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let mut classifier = Classifier::shipped()?;
    let mut out = std::io::stdout().lock();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[method, path, query, user_agent, referer] = fields.as_slice() else {
            return Err(format!("not five fields: {line}").into());
        };
        let classes = classifier.classes(&Request { method, path, query, user_agent, referer, ..Request::default() });
        writeln!(out, "{}", classes.words().collect::<Vec<_>>().join(","))?;
    }
    Ok(())
}
