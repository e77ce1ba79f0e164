//! Finds covers in a folder of videos with their truth, reads below them, and
//! says how well and how honestly.
//!
//! `cargo run --release -p screen --example deblur_score -- FOLDER [MODELS] [NAME]`
//!
//! Nothing is given: grid, rows, glyphs, rectangles, covers and strengths are
//! all found by the program. A covered string is one aim of the truth under one
//! kind and strength, however often it stands there; it counts as read only if
//! the program calls it read and it is exact.

#![allow(clippy::print_stdout, reason = "an example prints its figures")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use screen::deblur::{Fonts, Kernel, Means, Operator, Recovered, Recovery, Verdict, Warrant, in_its_row, recover};
use screen::media::{Coding, Decoder, Frames, Limits, about, recode};
use screen::read::Models;
use screen::redaction::{Failure, FailureKind, Redaction, failures};
use screen::{Luma, Reading, Rect, watch};
use serde_json::Value;

/// A picture follows the log of what was printed by so much, in milliseconds, less and most.
const BEHIND_MS: [f64; 2] = [60.0, 200.0];

/// How stated and observed rates compare, and where strings are lost, over all clips.
#[derive(Default)]
struct Reliability {
    /// By tenths of the stated rate: how many, and how many of them exact.
    by_rate: BTreeMap<u32, (usize, usize)>,
    /// By kind and strength of the cover: how many strings came through each step.
    funnel: BTreeMap<(String, u64), [usize; 6]>,
    /// Why strings were not read, and how often.
    reasons: BTreeMap<String, usize>,
    /// Strings called read, and those of them that were not exact.
    read: (usize, usize),
}

/// How far one covered string came: found, cover right, edges right, first of
/// the candidates, read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    read: bool,
    first: bool,
    cover: bool,
    edges: bool,
    found: bool,
    reason: String,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().map_or("../shared/video", String::as_str));
    let shared = format!("{}/.local/share/handprint/models", std::env::var("HOME").unwrap_or_default());
    let models = PathBuf::from(arguments.get(1).unwrap_or(&shared));
    let only = arguments.get(2);
    let fonts = Fonts::load(&models.join("fonts"));
    let models = Models::load(&models.join("PP-OCRv6_det_small.onnx"), &models.join("PP-OCRv6_rec_small.onnx")).ok();
    let mut reliability = Reliability::default();
    for video in videos(&folder) {
        if only.is_none_or(|only| video.to_string_lossy().contains(only)) {
            score(&video, models.as_ref(), &fonts, &mut reliability);
        }
    }
    println!("\nself-test rate (nearest tenth below): strings, of them exact");
    for (rate, (all, exact)) in &reliability.by_rate {
        println!("  {:>4.1}  {all:4} {exact:4}", f64::from(*rate) / 10.0);
    }
    println!(
        "\n  {:12} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6}",
        "cover", "strings", "found", "cover", "edges", "first", "read"
    );
    for ((kind, strength), [all, found, cover, edges, first, read]) in &reliability.funnel {
        println!("  {kind:9} {strength:>2} {all:>7} {found:>6} {cover:>6} {edges:>6} {first:>6} {read:>6}");
    }
    for (reason, count) in &reliability.reasons {
        println!("  {count:>3} {reason}");
    }
    println!("  called read over all clips: {}, wrong: {}", reliability.read.0, reliability.read.1);
}

fn videos(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).map(|list| list.flatten().map(|entry| entry.path()).collect());
    let mut videos: Vec<PathBuf> = listed.unwrap_or_default();
    videos
        .retain(|path| path.with_extension("truth.json").exists() && path.extension().is_some_and(|end| end != "json"));
    videos.sort();
    videos
}

fn score(video: &Path, models: Option<&Models>, fonts: &Fonts, reliability: &mut Reliability) {
    let bytes = std::fs::read(video.with_extension("truth.json")).unwrap_or_default();
    let truth = Truth { value: serde_json::from_slice(&bytes).unwrap_or_default() };
    let began = Instant::now();
    let Some((reading, redactions)) = run(video, models) else { return };
    let read_secs = began.elapsed().as_secs_f64();
    let began = Instant::now();
    // Without a reason nothing is read below covers: regions and failures alone take seconds.
    let reason = if std::env::var("LOOK").is_ok() { "" } else { "scoring on generated recordings" };
    let warrant = Warrant { reason: reason.to_owned() };
    let again = |pictures: &[Luma]| again(video, pictures);
    let recovered =
        recover(&reading, &redactions, &warrant, &|_| false, &Means { fonts, reencode: Some(&again), alive: &|| () });
    let secs = began.elapsed().as_secs_f64();
    let failures = failures(&reading, &redactions, &recovered.known());
    println!(
        "\n== {} ({} rows, {} grids)",
        video.file_name().unwrap_or_default().to_string_lossy(),
        reading.rows.len(),
        reading.grids.len()
    );
    if let Ok(wanted) = std::env::var("ROWS") {
        for row in reading.rows.iter().filter(|row| row.text.contains(&wanted)) {
            let state = if row.partial { "PARTIAL" } else { "ROW" };
            println!("    {state} {} {}-{} {:?} {:?}", row.text, row.first_ms, row.last_ms, row.place, row.stays);
            println!(
                "    {:?}",
                row.chars
                    .iter()
                    .map(|char| (char.value, (char.confidence * 100.0) as u32, char.first_ms, char.last_ms))
                    .collect::<Vec<_>>()
            );
        }
    }
    for recovery in &recovered.recoveries {
        if let Some(best) = recovery.read() {
            let placed = in_its_row(&reading, &redactions, recovery, best);
            println!("    {:?} stands in {:?}", best.text, placed.map(|placed| placed.text));
        }
    }
    regions(&truth, &redactions);
    late(&truth, &reading, &failures);
    told(&truth, &failures);
    strings(&truth, &reading, &redactions, &recovered, reliability);
    funnel(&truth, &redactions, &recovered, reliability);
    let characters: usize = recovered.recoveries.iter().map(|recovery| recovery.cells).sum();
    println!(
        "  reading {read_secs:.1} s, deblurring {secs:.1} s with self-tests, {:.1} ms a character all in",
        1000.0 * secs / characters.max(1) as f64
    );
}

/// Reads and looks for covers in one pass.
fn run(video: &Path, models: Option<&Models>) -> Option<(Reading, Vec<Redaction>)> {
    let (file, limits) = (File::open(video).ok()?, Limits::default());
    let mut decoder = Decoder::open(&file, &limits).ok()?;
    let mut frames = Frames::new(decoder.pipe()?, &limits);
    let seen = watch(&mut frames, models, |_| ());
    decoder.finish();
    Some((seen.reading, seen.redactions))
}

/// Codes pictures as the product does, by what the file itself tells of its coding.
fn again(video: &Path, pictures: &[Luma]) -> io::Result<Vec<Luma>> {
    let (file, limits) = (File::open(video)?, Limits::default());
    let about = about(&file, &limits).map_err(io::Error::other)?;
    recode(pictures, Coding::of(&file, &about), &limits)
}

/// The truth of a clip.
struct Truth {
    value: Value,
}

struct Op {
    kind: String,
    strength: f64,
    aim: String,
    rect: Rect,
    from_ms: f64,
    to_ms: f64,
}

impl Truth {
    fn list(&self, name: &str) -> &[Value] {
        self.value[name].as_array().map_or(&[], Vec::as_slice)
    }

    fn scale(&self) -> f64 {
        self.value["scale"].as_f64().unwrap_or(1.0)
    }

    fn rect(&self, value: &Value) -> Rect {
        let side = |at: usize| (value[at].as_f64().unwrap_or(0.0) * self.scale()).round() as u32;
        Rect { x: side(0), y: side(1), width: side(2), height: side(3) }
    }

    fn ops(&self) -> Vec<Op> {
        let ops = self.list("ops").iter().map(|op| Op {
            kind: op["type"].as_str().unwrap_or("").to_owned(),
            strength: op["param"].as_f64().unwrap_or(0.0),
            aim: op["aim"].as_str().unwrap_or("").to_owned(),
            rect: self.rect(&op["rect"]),
            from_ms: op["t0"].as_f64().unwrap_or(0.0) * 1000.0,
            to_ms: op["t1"].as_f64().unwrap_or(0.0) * 1000.0,
        });
        ops.collect()
    }

    /// What stands in the columns `from..to` (pixels) of the line around `y`.
    fn text(&self, y: f64, from: f64, to: f64, at_ms: f64) -> Option<String> {
        let value = |name: &str, at: usize| self.value[name][at].as_f64().unwrap_or(1.0) * self.scale();
        let (width, height) = (value("cell", 0), value("cell", 1));
        let row = ((y - value("text_origin", 1)) / height).floor();
        let columns = ((from - value("text_origin", 0)) / width).round() as usize
            ..((to - value("text_origin", 0)) / width).round() as usize;
        let line = self.list("lines").iter().find(|line| {
            line["row"].as_f64() == Some(row)
                && line["t0"].as_f64().unwrap_or(0.0) * 1000.0 <= at_ms
                && at_ms < line["t1"].as_f64().unwrap_or(0.0) * 1000.0
        })?;
        let letters: Vec<char> = line["text"].as_str()?.chars().collect();
        let text: String = columns.map(|column| letters.get(column).copied().unwrap_or(' ')).collect();
        Some(text.trim().to_owned())
    }
}

fn common(left: Rect, right: Rect) -> f64 {
    let span = |start: u32, size: u32, other: u32, length: u32| {
        (f64::from((start + size).min(other + length)) - f64::from(start.max(other))).max(0.0)
    };
    span(left.x, left.width, right.x, right.width) * span(left.y, left.height, right.y, right.height)
}

fn area(rect: Rect) -> f64 {
    f64::from(rect.width * rect.height).max(1.0)
}

fn together(op: &Op, redaction: &Redaction) -> bool {
    (redaction.first_ms as f64) < op.to_ms && op.from_ms < redaction.last_ms as f64
}

fn regions(truth: &Truth, redactions: &[Redaction]) {
    let mut by_kind: BTreeMap<(String, u64), (usize, usize)> = BTreeMap::new();
    for op in truth.ops() {
        let found = redactions
            .iter()
            .any(|redaction| together(&op, redaction) && common(op.rect, redaction.rect) > 0.5 * area(op.rect));
        if !found && std::env::var("SHOW").is_ok() {
            println!("    missed {} {} {:?} {:?} {}-{}", op.kind, op.strength, op.aim, op.rect, op.from_ms, op.to_ms);
        }
        let entry = by_kind.entry((op.kind, op.strength as u64)).or_default();
        entry.0 += 1;
        entry.1 += usize::from(found);
    }
    let inside = |redaction: &&Redaction| {
        truth.ops().iter().any(|op| common(op.rect, redaction.rect) > 0.3 * area(redaction.rect))
    };
    let right = redactions.iter().filter(inside).count();
    if std::env::var("SHOW").is_ok() {
        for (at, redaction) in redactions.iter().enumerate() {
            let mark = if inside(&redaction) { ' ' } else { '!' };
            println!(
                "   {mark}{at} {:?} {:.1} {:?} {}-{} moved {:?}",
                redaction.cover,
                redaction.strength,
                redaction.rect,
                redaction.first_ms,
                redaction.last_ms,
                redaction.moved
            );
        }
    }
    let list: Vec<String> =
        by_kind.iter().map(|((kind, strength), (all, found))| format!("{kind} {strength}: {found}/{all}")).collect();
    println!("  regions: {} found, {} of them covers; {}", redactions.len(), right, list.join(", "));
}

fn late(truth: &Truth, reading: &Reading, failures: &[Failure]) {
    let aims: BTreeSet<String> = truth.ops().into_iter().map(|op| op.aim).collect();
    for kind in [FailureKind::Late, FailureKind::Early, FailureKind::Lag, FailureKind::SecondPlace] {
        let of: BTreeSet<&str> =
            failures.iter().filter(|failure| failure.kind == kind).map(|failure| failure.text.as_str()).collect();
        let aimed = aims.iter().filter(|aim| of.iter().any(|text| text.contains(aim.as_str()))).count();
        let shown: Vec<&str> = of.iter().copied().take(12).collect();
        println!("  {kind:?}: {} texts, {aimed} of {} aims; {}", of.len(), aims.len(), shown.join(" | "));
    }
    if std::env::var("SHOW").is_ok() {
        for failure in failures {
            println!(
                "    {:?} {:?} {}-{} row {} redaction {}",
                failure.kind, failure.text, failure.first_ms, failure.last_ms, failure.row, failure.redaction
            );
        }
        let came = |op: &&Op| failures.iter().any(|failure| failure.text.contains(&op.aim));
        for op in truth.ops().iter().filter(|op| !came(op)) {
            let rows = reading.rows.iter().filter(|row| common(row.place, op.rect) > 0.3 * area(op.rect));
            let rows: Vec<String> = rows
                .map(|row| format!("{:?} {}-{} stays {}", row.text, row.first_ms, row.last_ms, row.stays.len()))
                .collect();
            println!("    NOT TOLD {:?} from {}: rows {rows:?}", op.aim, op.from_ms);
        }
    }
}

/// Of the covered strings that stood clear for two frames somewhere, how many a
/// failure names; and failures that name none of them.
fn told(truth: &Truth, failures: &[Failure]) {
    let two_frames = 2.0 / truth.value["fps"].as_f64().unwrap_or(30.0);
    let seconds = |span: &Value, side: &str| span[side].as_f64().unwrap_or(0.0);
    let clear = |span: &&Value| seconds(span, "t1") - seconds(span, "t0") >= two_frames;
    let aim = |span: &Value| span["aim"].as_str().unwrap_or("").to_owned();
    // A truth without the list says nothing of what stood clear.
    let Some(spans) = truth.value["exposed"].as_array() else { return };
    let exposed: BTreeSet<String> = spans.iter().filter(clear).map(aim).collect();
    let is_told = |aim: &&String| failures.iter().any(|failure| failure.text.contains(aim.as_str()));
    let untold: Vec<&String> = exposed.iter().filter(|aim| !is_told(aim)).collect();
    let names_one = |failure: &&Failure| exposed.iter().any(|aim| failure.text.contains(aim.as_str()));
    let wrong: BTreeSet<(FailureKind, &str)> =
        failures.iter().filter(|failure| !names_one(failure)).map(|failure| (failure.kind, &*failure.text)).collect();
    let told = exposed.len() - untold.len();
    println!("  failures told {told} of {}; wrong {}; untold {untold:?}, wrong {wrong:?}", exposed.len(), wrong.len());
}

/// The true text below a recovery's cells when it was seen: `told`, if that stood there within
/// the time by which a picture follows the log of what was printed.
fn expected(
    truth: &Truth,
    (reading, redactions): (&Reading, &[Redaction]),
    recovery: &Recovery,
    told: Option<&str>,
) -> Option<String> {
    let grid = reading.grids.get(redactions[*recovery.redactions.first()?].grid?)?;
    let x = f64::from(recovery.first_cell.0);
    let y = f64::from(recovery.first_cell.1 + 0.5 * grid.cell_height);
    let width = f64::from(recovery.cells as f32 * grid.cell_width);
    let seen_ms = *recovery.looks_ms.first()? as f64;
    let texts: Vec<String> =
        BEHIND_MS.into_iter().filter_map(|behind| truth.text(y, x, x + width, seen_ms - behind)).collect();
    texts.iter().find(|text| Some(text.as_str()) == told).or(texts.first()).cloned()
}

fn strings(
    truth: &Truth,
    reading: &Reading,
    redactions: &[Redaction],
    recovered: &Recovered,
    reliability: &mut Reliability,
) {
    let mut best: BTreeMap<(String, u64, String), u8> = BTreeMap::new();
    for op in truth.ops() {
        best.insert((op.kind, op.strength as u64, op.aim), 0);
    }
    let (mut read, mut wrong) = (0, Vec::new());
    for recovery in &recovered.recoveries {
        let first = recovery.candidates.first().map(|candidate| candidate.text.as_str());
        let held = recovery.sure_by_form();
        let told = held.map(|held| held.candidate.text.as_str()).or(first);
        let expected = expected(truth, (reading, redactions), recovery, told);
        // An address held to its form has cells of its own; a part of a character beside
        // it is no part of it.
        let is_word =
            |text: &str| held.is_some() && expected.as_deref().is_some_and(|all| all.split(' ').any(|own| own == text));
        let exact = told.is_some() && (told == expected.as_deref() || told.is_some_and(is_word));
        let sure = recovery.verdict == Verdict::Read || held.is_some();
        read += usize::from(sure);
        if sure && !exact {
            wrong.push(format!(
                "{:?} for {expected:?} at {:?} {:?}",
                told.unwrap_or(""),
                recovery.rect,
                recovery.looks_ms.first()
            ));
        }
        if first.is_some() && expected.is_some() {
            let rate = recovery.exact as f64 / recovery.trials.max(1) as f64;
            let entry = reliability.by_rate.entry((rate * 10.0) as u32).or_default();
            entry.0 += 1;
            entry.1 += usize::from(first == expected.as_deref());
        }
        if std::env::var("SHOW").is_ok() {
            if let Some(held) = &recovery.held {
                println!("    HELD {:?} {:?} test {}/{}", held.verdict, held.candidate.text, held.exact, held.trials);
            }
            println!(
                "    {:?} {first:?} truth {expected:?} {:?} residual {:.2}/{:.2} test {}/{} x{}",
                recovery.verdict,
                recovery.operator.map(|operator| (operator.kernel, operator.strength)),
                recovery.residual,
                recovery.clear_residual,
                recovery.exact,
                recovery.trials,
                recovery.redactions.len()
            );
        }
        if let Some(stands) = &recovery.stands {
            let exact = expected.as_deref() == Some(&stands.text);
            println!(
                "    STANDS {} {:?} truth {expected:?} mistaken {} of {}",
                if exact { "right" } else { "WRONG" },
                stands.text,
                stands.mistaken,
                stands.trials
            );
        }
        mark(truth, redactions, recovery, sure, &mut best);
    }
    let mut table: BTreeMap<(String, u64), [usize; 4]> = BTreeMap::new();
    for ((kind, strength, _), level) in &best {
        table.entry((kind.clone(), *strength)).or_default()[usize::from(*level)] += 1;
    }
    println!("  {:12} {:>6} {:>8} {:>8} {:>6} {:>8}", "cover", "text", "read", "cand 1st", "listed", "nothing");
    for ((kind, strength), counts) in &table {
        let all: usize = counts.iter().sum();
        println!(
            "  {kind:9} {strength:>2} {all:>6} {:>8} {:>8} {:>6} {:>8}",
            counts[3], counts[2], counts[1], counts[0]
        );
    }
    println!("  called read: {read}, wrong: {}; left covered: {}", wrong.len(), recovered.left_covered);
    reliability.read = (reliability.read.0 + read, reliability.read.1 + wrong.len());
    wrong.iter().for_each(|wrong| println!("    WRONG {wrong}"));
}

/// Notes how well each aim below the recovery's redactions was read.
fn mark(
    truth: &Truth,
    redactions: &[Redaction],
    recovery: &Recovery,
    sure: bool,
    best: &mut BTreeMap<(String, u64, String), u8>,
) {
    for op in truth.ops() {
        let below = recovery
            .redactions
            .iter()
            .any(|at| together(&op, &redactions[*at]) && common(op.rect, redactions[*at].rect) > 0.4 * area(op.rect));
        let holds = |text: &str| text.contains(&op.aim) && !op.aim.is_empty();
        let held = recovery.sure_by_form();
        let level = if held.is_some_and(|held| holds(&held.candidate.text)) { Some(3) } else { None };
        let level = level.unwrap_or(match recovery.candidates.iter().position(|candidate| holds(&candidate.text)) {
            Some(0) if sure => 3,
            Some(0) => 2,
            Some(_) => 1,
            None => 0,
        });
        if below {
            let entry = best.entry((op.kind, op.strength as u64, op.aim)).or_default();
            *entry = (*entry).max(level);
        }
    }
}

/// Counts how far each covered string came, the best of its places.
fn funnel(truth: &Truth, redactions: &[Redaction], recovered: &Recovered, reliability: &mut Reliability) {
    let mut best: BTreeMap<(String, u64, String), Step> = BTreeMap::new();
    for op in truth.ops() {
        let below = |at: &usize| {
            together(&op, &redactions[*at]) && common(op.rect, redactions[*at].rect) > 0.35 * area(op.rect)
        };
        let mut step = Step { found: (0..redactions.len()).any(|at| below(&at)), ..Step::default() };
        for recovery in recovered.recoveries.iter().filter(|recovery| recovery.redactions.iter().any(below)) {
            step = step.max(step_of(&op, recovery));
        }
        let entry = best.entry((op.kind.clone(), op.strength as u64, op.aim.clone())).or_default();
        *entry = step.max(entry.clone());
    }
    for ((kind, strength, _), step) in best {
        let counts = reliability.funnel.entry((kind, strength)).or_default();
        let steps = [true, step.found, step.cover, step.edges, step.first, step.read];
        counts.iter_mut().zip(steps).for_each(|(count, came)| *count += usize::from(came));
        if !step.read {
            let reason = if step.found { step.reason } else { "not found".to_owned() };
            *reliability.reasons.entry(format!("{reason} (first right: {})", step.first)).or_default() += 1;
        }
    }
}

fn step_of(op: &Op, recovery: &Recovery) -> Step {
    let right = |operator: Operator| {
        let near = (f64::from(operator.strength) - op.strength).abs() <= 0.1 * op.strength;
        near && match operator.kernel {
            Kernel::Blocks => op.kind == "pixelize",
            Kernel::Box { .. } => op.kind == "boxblur",
            Kernel::Gaussian | Kernel::Recursive { .. } => op.kind == "gblur",
        }
    };
    let apart = |one: u32, other: u32| one.abs_diff(other) <= 2;
    let (own, true_rect) = (recovery.rect, op.rect);
    let reason = match &recovery.verdict {
        Verdict::Read => "read".to_owned(),
        Verdict::Candidate(why) | Verdict::Refused(why) if why.starts_with("the self-test") => {
            format!("the self-test read {} in ten", 10 * recovery.exact / recovery.trials.max(1))
        }
        Verdict::Candidate(why) | Verdict::Refused(why) => why.clone(),
    };
    let first = recovery.candidates.first().is_some_and(|first| first.text.contains(&op.aim));
    let held = recovery.sure_by_form();
    Step {
        read: recovery.verdict == Verdict::Read && first || held.is_some_and(|held| held.candidate.text == op.aim),
        first,
        cover: recovery.operator.is_some_and(right),
        edges: apart(own.x, true_rect.x) && apart(own.x + own.width, true_rect.x + true_rect.width),
        found: true,
        reason,
    }
}
