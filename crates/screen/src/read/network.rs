//! The recognition and detection networks (PP-OCRv6 small), run in pure Rust.
//!
//! Each strip of text is read by itself on so many threads as are always taken,
//! several strips side by side: the figures are the same on every machine.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rten::{Model, ModelOptions, RunOptions, ThreadPool, Value};
use sha2::{Digest, Sha256};

use crate::{Luma, Rect};

/// SHA-256 of `PP-OCRv6_det_small.onnx` in the wheel `rapidocr` 3.10.0.
pub const DET_SHA256: &str = "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f";
/// SHA-256 of `PP-OCRv6_rec_small.onnx` in the same wheel.
pub const REC_SHA256: &str = "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884";

/// Height to which the recognition network wants its text scaled.
const HEIGHT: usize = 48;
/// Pixels of the scaled strip for one step of the network's answer.
const STEP: usize = 8;
/// Threads that read one strip, and detect: a strip is often asked for alone,
/// while the decoder waits. Not the machine's number, so that sums are made alike.
const THREADS: usize = 2;
/// Pixels of a scaled strip at most; longer ones are cut by the caller.
pub(crate) const SCALED_WIDTH_AT_MOST: usize = 3200;

/// Why the networks could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelTrouble {
    /// A file is missing or cannot be read.
    #[error("the model {0} cannot be read: {1}")]
    Unreadable(String, std::io::Error),
    /// A file is not the one that was tested.
    #[error("the model {0} has another checksum than expected")]
    OtherChecksum(String),
    /// The runtime does not take it.
    #[error("the model cannot be loaded: {0}")]
    Unloadable(String),
}

/// Both networks, loaded.
pub struct Models {
    detect: Model,
    recognise: Model,
    /// Place in the network's answer and character, for the characters of ASCII.
    characters: Vec<(usize, char)>,
    pools: Vec<Arc<ThreadPool>>,
}

impl std::fmt::Debug for Models {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Models").field("characters", &self.characters.len()).finish_non_exhaustive()
    }
}

/// One character as the network saw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Glimpse {
    pub value: char,
    /// Probability by the network's own account.
    pub likely: f32,
    /// Middle of the character, in pixels of the strip as given.
    pub at: f32,
    /// The next likeliest characters.
    pub also: [(char, f32); 2],
}

impl Models {
    /// Loads both networks from files with the pinned checksums.
    pub fn load(detect: &Path, recognise: &Path) -> Result<Self, ModelTrouble> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| ModelTrouble::Unreadable(path.display().to_string(), error))
        };
        Self::from_bytes(read(detect)?, read(recognise)?)
    }

    /// Loads both networks from memory; their checksums are checked.
    pub fn from_bytes(detect: Vec<u8>, recognise: Vec<u8>) -> Result<Self, ModelTrouble> {
        for (bytes, expected, name) in [(&detect, DET_SHA256, "det"), (&recognise, REC_SHA256, "rec")] {
            let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            if digest != expected {
                return Err(ModelTrouble::OtherChecksum(name.to_owned()));
            }
        }
        let models = Self::unpinned(detect, recognise)?;
        if models.characters.len() < 90 {
            return Err(ModelTrouble::Unloadable("the list of characters is missing".to_owned()));
        }
        Ok(models)
    }

    /// Loads any two networks of this shape.
    pub(crate) fn unpinned(detect: Vec<u8>, recognise: Vec<u8>) -> Result<Self, ModelTrouble> {
        let load = |bytes| {
            let mut options = ModelOptions::with_all_ops();
            options.prepack_weights(true);
            options.load(bytes).map_err(|error| ModelTrouble::Unloadable(error.to_string()))
        };
        let (detect, recognise) = (load(detect)?, load(recognise)?);
        let characters = characters(&recognise);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        Ok(Self { detect, recognise, characters, pools: Vec::new() }.with_lanes(threads))
    }

    /// Reads so many strips side by side. The result does not depend on it.
    pub fn with_lanes(mut self, lanes: usize) -> Self {
        self.pools = (0..lanes.max(1)).map(|_| Arc::new(ThreadPool::with_num_threads(THREADS))).collect();
        self
    }

    /// Reads strips, each one line of text, in the given order. Each lane takes
    /// the widest that is left.
    pub(crate) fn read(&self, strips: &[Luma]) -> Vec<Vec<Glimpse>> {
        if strips.is_empty() {
            return Vec::new();
        }
        let mut order: Vec<usize> = (0..strips.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(scaled_width(&strips[*at])));
        let lanes = self.pools.len().min(strips.len());
        let next = AtomicUsize::new(0);
        let work = |pool: &Arc<ThreadPool>| {
            let taken = std::iter::from_fn(|| order.get(next.fetch_add(1, Ordering::Relaxed)).copied());
            taken.map(|at| (at, self.read_one(&strips[at], pool).unwrap_or_default())).collect::<Vec<_>>()
        };
        let mut answers: Vec<Vec<Glimpse>> = vec![Vec::new(); strips.len()];
        std::thread::scope(|scope| {
            let work = &work;
            let lanes: Vec<_> = self.pools.iter().take(lanes).map(|pool| scope.spawn(move || work(pool))).collect();
            for lane in lanes {
                let done = lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                done.into_iter().for_each(|(at, answer)| answers[at] = answer);
            }
        });
        answers
    }

    fn read_one(&self, strip: &Luma, pool: &Arc<ThreadPool>) -> Option<Vec<Glimpse>> {
        if strip.width < 2 || strip.height < 2 {
            return None;
        }
        let scaled_width = scaled_width(strip);
        let width = scaled_width.max(64).next_multiple_of(STEP);
        let scaled = scale(strip, scaled_width, HEIGHT);
        let mut input = vec![0f32; 3 * HEIGHT * width];
        for y in 0..HEIGHT {
            for x in 0..scaled_width {
                let value = scaled[y * scaled_width + x].clamp(0.0, 255.0) / 127.5 - 1.0;
                for plane in 0..3 {
                    input[(plane * HEIGHT + y) * width + x] = value;
                }
            }
        }
        let input = Value::from_shape([1, 3, HEIGHT, width], input).ok()?;
        let mut options = RunOptions::default();
        options.thread_pool = Some(pool.clone());
        let answer = self.recognise.run_one(input.into(), Some(options)).ok()?;
        let ([_, steps, classes], shares) = answer.into_shape_vec::<f32, 3>().ok()?;
        let to_strip = strip.width as f32 / scaled_width as f32;
        let step_width = width as f32 / steps as f32 * to_strip;
        Some(self.spell(&shares, steps, classes, step_width))
    }

    /// Runs of the same character become one; runs of nothing part them.
    fn spell(&self, shares: &[f32], steps: usize, classes: usize, step_width: f32) -> Vec<Glimpse> {
        let mut seen: Vec<Glimpse> = Vec::new();
        let mut last = None;
        let (mut weight, mut moment) = (0f32, 0f32);
        for step in 0..steps {
            let line = &shares[step * classes..(step + 1) * classes];
            let likely = |class: usize| line.get(class).copied().unwrap_or(0.0);
            let [best, second, third] = self.best_three(line);
            let (class, value) = best;
            if likely(class) <= likely(0) {
                last = None;
                continue;
            }
            let at = (step as f32 + 0.5) * step_width;
            if last != Some(class) {
                (weight, moment) = (0.0, 0.0);
                seen.push(Glimpse { value, likely: 0.0, at, also: [(' ', 0.0); 2] });
            }
            last = Some(class);
            weight += likely(class);
            moment += likely(class) * at;
            if let Some(glimpse) = seen.last_mut() {
                if likely(class) > glimpse.likely {
                    glimpse.likely = likely(class);
                    glimpse.also = [second, third].map(|(class, value)| (value, likely(class)));
                }
                glimpse.at = moment / weight;
            }
        }
        seen
    }

    /// The three likeliest characters of one step of the answer.
    fn best_three(&self, line: &[f32]) -> [(usize, char); 3] {
        let likely = |class: usize| line.get(class).copied().unwrap_or(0.0);
        let mut best = [self.characters[0]; 3];
        let mut shares = [-1f32; 3];
        for character in &self.characters {
            let share = likely(character.0);
            if share > shares[2] {
                let place = if share > shares[0] {
                    0
                } else if share > shares[1] {
                    1
                } else {
                    2
                };
                best[place..].rotate_right(1);
                shares[place..].rotate_right(1);
                (best[place], shares[place]) = (*character, share);
            }
        }
        best
    }

    /// Boxes around lines of text in a picture, from top to bottom.
    pub(crate) fn detect(&self, luma: &Luma) -> Vec<Rect> {
        self.map(luma).map(|(map, width)| boxes(&map, width, luma)).unwrap_or_default()
    }

    /// For each pixel how likely it belongs to text; the map is padded to 32.
    fn map(&self, luma: &Luma) -> Option<(Vec<f32>, usize)> {
        let (width, height) = (luma.width.next_multiple_of(32), luma.height.next_multiple_of(32));
        let (means, spreads) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
        let mut input = vec![0f32; 3 * width * height];
        for (plane, (mean, spread)) in means.iter().zip(spreads).enumerate() {
            for y in 0..height {
                let line = &luma.pixels[y.min(luma.height - 1) * luma.width..][..luma.width];
                for x in 0..width {
                    let value = f32::from(line[x.min(luma.width - 1)]) / 255.0;
                    input[(plane * height + y) * width + x] = (value - mean) / spread;
                }
            }
        }
        let input = Value::from_shape([1, 3, height, width], input).ok()?;
        let mut options = RunOptions::default();
        options.thread_pool = self.pools.first().cloned();
        let answer = self.detect.run_one(input.into(), Some(options)).ok()?;
        let ([.., wide], map) = answer.into_shape_vec::<f32, 4>().ok()?;
        (wide == width).then_some((map, width))
    }
}

/// Width of a strip once it has the height that the network wants.
fn scaled_width(strip: &Luma) -> usize {
    (strip.width * HEIGHT).div_ceil(strip.height.max(1)).clamp(8, SCALED_WIDTH_AT_MOST)
}

/// Connected parts of the map that are likely text, widened to hold the letters whole.
fn boxes(map: &[f32], width: usize, luma: &Luma) -> Vec<Rect> {
    let mut open: Vec<bool> = map.iter().map(|likely| *likely > 0.3).collect();
    let mut boxes = Vec::new();
    for start in 0..open.len() {
        if !open[start] {
            continue;
        }
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        let (mut sum, mut count, mut stack) = (0f32, 0usize, vec![start]);
        open[start] = false;
        while let Some(at) = stack.pop() {
            let (x, y) = (at % width, at / width);
            (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
            sum += map[at];
            count += 1;
            let near = [
                at.checked_sub(1).filter(|_| x > 0),
                (x + 1 < width).then_some(at + 1),
                at.checked_sub(width),
                Some(at + width),
            ];
            for next in near.into_iter().flatten().filter(|next| *next < map.len()) {
                if std::mem::take(&mut open[next]) {
                    stack.push(next);
                }
            }
        }
        let (wide, high) = (right + 1 - left, bottom + 1 - top);
        if wide < 4 || high < 4 || sum / (count as f32) < 0.5 {
            continue;
        }
        let margin = (count as f32 * 1.6 / (2 * (wide + high)) as f32).round() as usize;
        let (left, top) = (left.saturating_sub(margin), top.saturating_sub(margin));
        let (right, bottom) = ((right + 1 + margin).min(luma.width), (bottom + 1 + margin).min(luma.height));
        if right > left + 4 && bottom > top + 4 {
            boxes.push(Rect {
                x: left as u32,
                y: top as u32,
                width: (right - left) as u32,
                height: (bottom - top) as u32,
            });
        }
    }
    boxes.sort_by_key(|found| (found.y, found.x));
    boxes
}

fn characters(recognise: &Model) -> Vec<(usize, char)> {
    let list = recognise.metadata().fields().find(|(name, _)| *name == "character").map(|(_, list)| list.to_owned());
    let list = list.unwrap_or_default();
    let mut characters: Vec<(usize, char)> = Vec::new();
    // Class 0 says that there is nothing.
    for (at, line) in list.split('\n').enumerate() {
        let mut letters = line.chars();
        if let (Some(value @ ' '..='~'), None) = (letters.next(), letters.next()) {
            characters.push((at + 1, value));
        }
    }
    characters
}

/// Scales by cubic interpolation where it grows, by area where it shrinks.
pub(crate) fn scale(from: &Luma, width: usize, height: usize) -> Vec<f32> {
    let across = taps(from.width, width);
    let down = taps(from.height, height);
    let mut lines = vec![0f32; width * from.height];
    for y in 0..from.height {
        let line = &from.pixels[y * from.width..(y + 1) * from.width];
        for (x, taps) in across.iter().enumerate() {
            lines[y * width + x] = taps.iter().map(|(at, share)| f32::from(line[*at]) * share).sum();
        }
    }
    let mut scaled = vec![0f32; width * height];
    for (y, taps) in down.iter().enumerate() {
        let to = &mut scaled[y * width..(y + 1) * width];
        for (at, share) in taps {
            for (to, from) in to.iter_mut().zip(&lines[at * width..(at + 1) * width]) {
                *to += from * share;
            }
        }
    }
    scaled
}

/// For each place of the scaled line, which pixels it is mixed from.
fn taps(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let ratio = from as f32 / to as f32;
    let inside = |at: i64| at.clamp(0, from as i64 - 1) as usize;
    let cubic = |place: usize| {
        let centre = (place as f32 + 0.5) * ratio - 0.5;
        let first = centre.floor() as i64 - 1;
        (first..first + 4).map(|at| (inside(at), bump((centre - at as f32).abs()))).collect()
    };
    let area = |place: usize| {
        let (start, end) = (place as f32 * ratio, (place as f32 + 1.0) * ratio);
        let pixels = start.floor() as i64..end.ceil() as i64;
        let share = |at: i64| ((at as f32 + 1.0).min(end) - (at as f32).max(start)) / ratio;
        pixels.map(|at| (inside(at), share(at))).collect()
    };
    (0..to).map(|place| if ratio < 1.0 { cubic(place) } else { area(place) }).collect()
}

fn bump(x: f32) -> f32 {
    const A: f32 = -0.75;
    if x <= 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A
    } else {
        0.0
    }
}
