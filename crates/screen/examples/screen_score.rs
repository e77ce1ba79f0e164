//! Reads a folder of videos with their truth and says how well.
//!
//! `cargo run --release -p screen --example screen_score -- FOLDER [MODELS] [NAME]`
//!
//! Clear text: lines that stood for half a second and were not a state of a
//! line being typed. A token counts only if it is exact, and where it was clear
//! for at least two frames. A false word stands in no line of the truth.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a score prints")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use screen::media::{Decoder, Frames, Limits};
use screen::read::{Effort, Models, read};
use screen::{Reading, Row};
use serde_json::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().map_or("../shared/video", String::as_str));
    let shared = format!("{}/.local/share/handprint/models", std::env::var("HOME").unwrap_or_default());
    let models = PathBuf::from(arguments.get(1).unwrap_or(&shared));
    let only = arguments.get(2);
    let models = Models::load(&models.join("PP-OCRv6_det_small.onnx"), &models.join("PP-OCRv6_rec_small.onnx"));
    let models = models.map_err(|trouble| eprintln!("no models: {trouble}")).ok();
    println!(
        "{:26} {:>6} {:>8} {:>24} {:>14} {:>10} {:>6} {:>6} {:>5} {:>6}",
        "clip", "CER %", "rows", "occurrences by kind", "tokens", "false", "decode", "total", "asked", "RSS"
    );
    let mut reliability = Reliability::new();
    for video in videos(&folder) {
        if only.is_none_or(|only| video.to_string_lossy().contains(only)) {
            score(&video, models.as_ref(), &mut reliability);
        }
    }
    println!("\nsurety of the least sure character (nearest twentieth below): words, of them in the truth");
    for (surety, (all, right)) in &reliability {
        println!(
            "  {:.2}  {all:5} {right:5}  {:5.1} %",
            f64::from(*surety) / 20.0,
            100.0 * *right as f64 / *all as f64
        );
    }
}

/// Words by the surety of their least sure character, in twentieths: how many, and how many stand in the truth.
type Reliability = BTreeMap<u32, (usize, usize)>;

fn videos(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).map(|list| list.flatten().map(|entry| entry.path()).collect());
    let mut videos: Vec<PathBuf> = listed.unwrap_or_default();
    videos.retain(|path| truth_path(path).exists() && !path.to_string_lossy().ends_with(".json"));
    videos.sort();
    videos
}

fn truth_path(video: &Path) -> PathBuf {
    video.with_extension("truth.json")
}

fn score(video: &Path, models: Option<&Models>, reliability: &mut Reliability) {
    let alone = Instant::now();
    let _ = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-threads", "2", "-i"])
        .arg(video)
        .args(["-f", "null", "-"])
        .status();
    let alone = alone.elapsed();
    let began = Instant::now();
    let Some((reading, effort)) = run(video, models) else { return };
    let total = began.elapsed();
    let spent = cpu_seconds();
    let truth: Value =
        std::fs::read(truth_path(video)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    if std::env::var("SHOW").is_ok() {
        show(&reading);
    }
    let (errors, length, exact, lines) = clear_text(&truth, &reading);
    let (kinds, tokens) = tokens(&truth, &reading);
    let (wrong, words) = false_words(&truth, &reading, reliability);
    let name = video.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    println!(
        "{name:26} {:6.2} {exact:>4}/{lines:<4} {kinds:>24} {tokens:>14} {wrong:>4}/{words:<5} {:5.1}s {:5.1}s cpu {spent:5.1}s {:5} {:5}M  {effort:?}",
        100.0 * errors as f64 / length.max(1) as f64,
        alone.as_secs_f64(),
        total.as_secs_f64(),
        effort.network_rows,
        peak_megabytes(),
    );
    println!("    grids {:?}", reading.grids);
}

fn run(video: &Path, models: Option<&Models>) -> Option<(Reading, Effort)> {
    let limits = Limits::default();
    let file = std::fs::File::open(video).ok()?;
    let mut decoder = Decoder::open(&file, &limits).map_err(|loss| eprintln!("{loss}")).ok()?;
    let mut frames = Frames::new(decoder.pipe()?, &limits);
    let (reading, effort, loss) = read(&mut frames, models);
    let ended = decoder.finish();
    if let Some(loss) = loss.or(ended) {
        eprintln!("{}: {loss}", video.display());
    }
    Some((reading, effort))
}

fn show(reading: &Reading) {
    for row in &reading.rows {
        let worst = row.chars.iter().map(|char| char.confidence).fold(1.0, f32::min);
        let mark = if row.partial { '~' } else { ' ' };
        println!(
            "{:6}-{:6} {:4} {worst:.2} {:?} {mark}|{}|",
            row.first_ms, row.last_ms, row.frames, row.grid, row.text
        );
    }
}

struct Line {
    row: i64,
    text: String,
    from: f64,
    to: f64,
}

fn lines(truth: &Value) -> Vec<Line> {
    let listed = truth["lines"].as_array().cloned().unwrap_or_default();
    let line = |line: &Value| Line {
        row: line["row"].as_i64().unwrap_or(-1),
        text: line["text"].as_str().unwrap_or_default().trim().to_owned(),
        from: line["t0"].as_f64().unwrap_or(0.0),
        to: line["t1"].as_f64().unwrap_or(0.0),
    };
    let mut lines: Vec<Line> = listed.iter().map(line).collect();
    lines.sort_by(|one, other| {
        (one.row, one.from).partial_cmp(&(other.row, other.from)).unwrap_or(std::cmp::Ordering::Equal)
    });
    lines
}

/// Lines that stood long enough and were not typed on; texts only once.
fn finished(truth: &Value) -> BTreeMap<String, Vec<(f64, f64)>> {
    let lines = lines(truth);
    let mut finished: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1).filter(|next| next.row == line.row && next.from - line.to < 0.1);
        let typed = next.is_some_and(|next| next.text.starts_with(&line.text) && next.text != line.text);
        if line.to - line.from >= 0.5 && !typed && !line.text.is_empty() {
            finished.entry(line.text.clone()).or_default().push((line.from, line.to));
        }
    }
    finished
}

fn overlaps(row: &Row, from: f64, to: f64) -> bool {
    row.first_ms as f64 / 1000.0 <= to + 0.3 && row.last_ms as f64 / 1000.0 >= from - 0.3
}

fn clear_text(truth: &Value, reading: &Reading) -> (usize, usize, usize, usize) {
    let (mut errors, mut length, mut exact, mut count) = (0, 0, 0, 0);
    let bare = |text: &str| text.chars().filter(|char| !char.is_whitespace()).collect::<Vec<_>>();
    for (text, spans) in finished(truth) {
        let wanted = bare(&text);
        let near = reading.rows.iter().filter(|row| spans.iter().any(|(from, to)| overlaps(row, *from, *to)));
        let best = near.map(|row| (distance(&wanted, &bare(&row.text)), row.text != text, &row.text)).min();
        let (wrong, different, found) =
            best.map_or((wanted.len(), true, ""), |(wrong, different, text)| (wrong, different, text));
        let wrong = wrong.min(wanted.len());
        errors += wrong;
        length += wanted.len();
        count += 1;
        exact += usize::from(!different);
        if different && std::env::var("WRONG").is_ok() {
            println!("    want |{text}| {spans:?}\n    have |{found}|");
        }
    }
    (errors, length, exact, count)
}

fn distance(one: &[char], other: &[char]) -> usize {
    let mut line: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut before = line[0];
        line[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let cost = before + usize::from(a != b);
            before = line[j + 1];
            line[j + 1] = cost.min(line[j] + 1).min(before + 1);
        }
    }
    line[other.len()]
}

/// Occurrences that were clear for two frames, by kind; and different tokens.
fn tokens(truth: &Value, reading: &Reading) -> (String, String) {
    let two_frames = 2.0 / truth["fps"].as_f64().unwrap_or(30.0);
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut distinct: BTreeMap<String, bool> = BTreeMap::new();
    for occurrence in truth["occurrences"].as_array().into_iter().flatten() {
        let token = occurrence["token"].as_str().unwrap_or_default();
        let clear = occurrence["shown"].as_array().into_iter().flatten().filter(|span| span[2] == "clear");
        let clear = clear.map(|span| (span[0].as_f64().unwrap_or(0.0), span[1].as_f64().unwrap_or(0.0)));
        let clear: Vec<(f64, f64)> = clear.filter(|(from, to)| to - from >= two_frames).collect();
        if clear.is_empty() {
            continue;
        }
        let found = reading
            .rows
            .iter()
            .any(|row| row.text.contains(token) && clear.iter().any(|(from, to)| overlaps(row, *from, *to)));
        let title = if occurrence["where"] == "title" { "T" } else { "" };
        let kind = kinds.entry(format!("{}{title}", occurrence["kind"].as_str().unwrap_or("?"))).or_default();
        kind.0 += usize::from(found);
        kind.1 += 1;
        *distinct.entry(token.to_owned()).or_default() |= found;
        if !found && std::env::var("WRONG").is_ok() {
            println!("    lost {token} {} {clear:?}", occurrence["where"]);
        }
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, (found, all))| format!("{kind} {found}/{all}")).collect();
    let missed: Vec<&String> = distinct.iter().filter(|(_, found)| !**found).map(|(token, _)| token).collect();
    if !missed.is_empty() {
        println!("    missed: {missed:?}");
    }
    (kinds.join(" "), format!("{}/{}", distinct.len() - missed.len(), distinct.len()))
}

/// Words that stand in no line of the truth, and all words; those marked as doubtful are neither.
fn false_words(truth: &Value, reading: &Reading, reliability: &mut Reliability) -> (usize, usize) {
    let titles = truth["titles"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<String> =
        titles.iter().map(|title| title["text"].as_str().unwrap_or_default().to_owned()).collect();
    all.extend(lines(truth).into_iter().map(|line| line.text));
    all.sort();
    all.dedup();
    let all = all.join("\n");
    let (mut wrong, mut count) = (0, 0);
    for row in &reading.rows {
        for (word, sure) in words(row).filter(|(word, _)| !word.contains('\u{FFFD}')) {
            let right = all.contains(&word);
            let entry = reliability.entry((sure * 20.0) as u32).or_default();
            *entry = (entry.0 + 1, entry.1 + usize::from(right));
            count += 1;
            wrong += usize::from(!right);
            if !right && std::env::var("WRONG").is_ok() {
                println!(
                    "    false {word} {sure:.2} in |{}| {}-{} {}",
                    row.text, row.first_ms, row.last_ms, row.frames
                );
            }
        }
    }
    (wrong, count)
}

/// The words of a row with the surety of their least sure character.
fn words(row: &Row) -> impl Iterator<Item = (String, f32)> + '_ {
    row.chars.chunk_by(|left, right| left.column + 1 == right.column).map(|word| {
        let sure = word.iter().map(|letter| letter.confidence).fold(1.0, f32::min);
        (word.iter().map(|letter| letter.value).collect(), sure)
    })
}

/// Processor time of this process so far, without its children.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}
