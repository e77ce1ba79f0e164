//! Zero and capital O. Fonts for terminals put a dot or a stroke into the zero so
//! that nobody takes one for the other; the network, which reads words, still does.

use super::Glyphs;
use crate::read::cells::Shape;

/// The inside of a zero with a mark is inked by at least this share of its range in
/// some line, that of a letter by no more than that; only zeros by the last share,
/// since the strokes of bold letters come near. Measured on the fonts of terminals,
/// from ten pixels up.
const MARKED: f32 = 0.24;
const PLAIN: f32 = 0.1;
const ONLY_ZEROS: f32 = 0.45;

impl Glyphs {
    /// Where zeros of this video have a mark, those without one are letters, whatever
    /// they were read as; and letters with one are zeros, where others have none.
    pub(super) fn tell_zeros(&mut self) {
        let mut rings: Vec<(usize, char, f32)> = Vec::new();
        for (at, glyph) in self.known.iter().enumerate().filter(|(_, glyph)| !glyph.is_parted) {
            let round = glyph.label.filter(|(value, _)| matches!(value, '0' | 'O'));
            let inside = round.and_then(|_| inside(&glyph.picture, self.sieve.shape));
            rings.extend(round.zip(inside).map(|((value, _), inside)| (at, value, inside)));
        }
        let zeros_are_marked =
            rings.iter().any(|(at, value, inside)| *value == '0' && *inside >= MARKED && self.known[*at].is_sure());
        let letters_are_plain = rings.iter().any(|(_, _, inside)| *inside <= PLAIN);
        for (at, value, inside) in rings {
            let told = match value {
                '0' if zeros_are_marked && inside <= PLAIN => 'O',
                'O' if letters_are_plain && inside >= ONLY_ZEROS => '0',
                _ => continue,
            };
            self.known[at].label = self.known[at].label.map(|(_, sure)| (told, sure));
        }
    }
}

/// How much of its range the inside of a ring is inked by, in the line where it is
/// most; none if there is too little of it.
fn inside(picture: &[f32], shape: Shape) -> Option<f32> {
    let at = |x: usize, y: usize| picture[y * shape.width + x];
    let mut edge: Vec<f32> = (0..shape.height).flat_map(|y| [at(0, y), at(shape.width - 1, y)]).collect();
    edge.sort_by(f32::total_cmp);
    let ground = edge[edge.len() / 2];
    let range = picture.iter().map(|level| (level - ground).abs()).fold(0.0, f32::max);
    let ink = |x: usize, y: usize| (at(x, y) - ground).abs() / range.max(1e-6);
    let columns: Vec<usize> = (0..shape.width).filter(|x| (0..shape.height).any(|y| ink(*x, y) > 0.5)).collect();
    let lines: Vec<usize> = (0..shape.height).filter(|y| (0..shape.width).any(|x| ink(x, *y) > 0.5)).collect();
    let third = |of: &[usize]| Some((of.first()? + of.len() / 3)..(of.last()? + 1 - of.len() / 3));
    let (across, down) = (third(&columns)?, third(&lines)?);
    let line = |y: usize| across.clone().map(|x| ink(x, y)).sum::<f32>() / across.len() as f32;
    (columns.len() >= 4 && lines.len() >= 6).then(|| down.map(line).fold(0.0, f32::max))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::read::cells::Cell;

    const SHAPE: Shape = Shape { width: 9, height: 16 };

    /// A ring, as wide as letters are, with a dot in it or without.
    fn ring(is_marked: bool, (ground, ink): (f32, f32)) -> Cell {
        let is_inked = |x: usize, y: usize| {
            let is_ring = (1..8).contains(&x) && (3..13).contains(&y) && !((3..6).contains(&x) && (5..11).contains(&y));
            is_ring || is_marked && (4..6).contains(&x) && (7..9).contains(&y)
        };
        let levels = (0..SHAPE.len()).map(|n| if is_inked(n % 9, n / 9) { ink } else { ground });
        let levels: Vec<f32> = levels.collect();
        let mean = levels.iter().sum::<f32>() / levels.len() as f32;
        let ink: Vec<f32> = levels.iter().map(|level| level - mean).collect();
        let norm = ink.iter().map(|ink| ink * ink).sum::<f32>().sqrt();
        Cell { ink, norm, range: 190.0, edge: 0.5 }
    }

    /// What rings are called that the network read so, one marked and one not.
    fn told(rings: &[(bool, char)], levels: (f32, f32)) -> String {
        let mut glyphs = Glyphs::new(SHAPE);
        for (is_marked, read) in rings {
            let glyph = glyphs.begin(&ring(*is_marked, levels), None).unwrap();
            (0..3).for_each(|_| glyphs.vote(glyph, *read, 0.95));
        }
        glyphs.settle();
        (0..rings.len()).filter_map(|at| glyphs.label(at as u16)).map(|(value, _)| value).collect()
    }

    #[test]
    fn the_ring_with_a_mark_is_the_zero() {
        for levels in [(24.0, 220.0), (250.0, 30.0)] {
            assert_eq!(told(&[(true, '0'), (false, '0')], levels), "0O");
            assert_eq!(told(&[(false, 'O'), (true, 'O')], levels), "O0");
        }
    }

    /// In a font whose zero has no mark only the network can tell.
    #[test]
    fn rings_that_are_alike_stay_as_they_were_read() {
        assert_eq!(told(&[(false, '0'), (false, 'O')], (24.0, 220.0)), "0O");
        assert_eq!(told(&[(true, '0'), (true, '0')], (24.0, 220.0)), "00");
    }
}
