//! What a cover does to the pixels below it: linear maps that act on rows and
//! columns apart.
//!
//! Each is written as a matrix for a side of the covered rectangle, exact at
//! its edges, because a kernel that is wrong by a sixth at its peak (a sampled
//! Gaussian in place of ffmpeg's recursive one) already spoils sigma 4.

use super::linear::Matrix;

/// A family of covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kernel {
    /// A sampled Gaussian, edge pixels repeated; strength is sigma.
    Gaussian,
    /// ffmpeg's recursive `gblur` with so many steps; strength is sigma.
    Recursive {
        /// `steps` of the filter, 1 unless its user said otherwise.
        steps: u8,
    },
    /// So many passes of a moving mean, mirrored at the edge as ffmpeg's
    /// `boxblur` does; strength is the radius.
    Box {
        /// `power` of the filter, 2 unless its user said otherwise.
        passes: u8,
    },
    /// The mean of square blocks; strength is their side.
    Blocks,
}

/// One cover: family, strength and where its blocks begin.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Operator {
    /// The family.
    pub kernel: Kernel,
    /// Sigma, radius or side of a block, in pixels.
    pub strength: f32,
    /// Width of the first block column, 0 for a whole one; blocks only.
    pub phase_x: u32,
    /// Height of the first block row, 0 for a whole one; blocks only.
    pub phase_y: u32,
}

impl Operator {
    /// A cover whose blocks, if it has any, begin at the rectangle's corner.
    pub fn new(kernel: Kernel, strength: f32) -> Self {
        Self { kernel, strength, phase_x: 0, phase_y: 0 }
    }

    /// The same cover with its blocks beginning elsewhere, if that is given.
    pub(crate) fn beginning(self, phase: Option<(u32, u32)>) -> Self {
        let (phase_x, phase_y) = phase.unwrap_or((self.phase_x, self.phase_y));
        Self { phase_x, phase_y, ..self }
    }

    /// The matrix that maps a row of `width` pixels to a covered one.
    pub(crate) fn across(&self, width: usize) -> Matrix {
        matrix(self.kernel, self.strength, self.phase_x as usize, width)
    }

    /// The matrix that maps a column of `height` pixels to a covered one.
    pub(crate) fn down(&self, height: usize) -> Matrix {
        matrix(self.kernel, self.strength, self.phase_y as usize, height)
    }

    /// How far a pixel spreads, as the sigma of the Gaussian with the same
    /// variance.
    pub fn spread(&self) -> f32 {
        let strength = self.strength;
        match self.kernel {
            Kernel::Gaussian | Kernel::Recursive { .. } => strength,
            Kernel::Box { passes } => (f32::from(passes) * strength * (strength + 1.0) / 3.0).sqrt(),
            Kernel::Blocks => strength / 12f32.sqrt(),
        }
    }
}

fn matrix(kernel: Kernel, strength: f32, phase: usize, size: usize) -> Matrix {
    match kernel {
        _ if strength <= 0.0 || size == 0 => Matrix::identity(size),
        Kernel::Gaussian => gaussian(strength, size),
        Kernel::Recursive { steps } => recursive(strength, steps, size),
        Kernel::Box { passes } => {
            let once = moving_mean(strength.round() as usize, size);
            (1..passes).fold(once.clone(), |all, _| once.times(&all))
        }
        Kernel::Blocks => blocks(strength.round().max(1.0) as usize, phase, size),
    }
}

fn gaussian(sigma: f32, size: usize) -> Matrix {
    let reach = (4.0 * sigma).round() as isize;
    let weights: Vec<f32> = (-reach..=reach).map(|at| (-0.5 * (at as f32 / sigma).powi(2)).exp()).collect();
    let sum: f32 = weights.iter().sum();
    let mut matrix = Matrix::zeros(size, size);
    for to in 0..size {
        for (weight, from) in weights.iter().zip(to as isize - reach..) {
            let from = from.clamp(0, size as isize - 1) as usize;
            matrix.values[to * size + from] += weight / sum;
        }
    }
    matrix
}

/// ffmpeg's approximation by exponentials, forth and back, `steps` times
/// (Alvarez and Mazorra).
fn recursive(sigma: f32, steps: u8, size: usize) -> Matrix {
    let steps = i32::from(steps.max(1));
    let lambda = f64::from(sigma * sigma) / f64::from(2 * steps);
    let decay = (1.0 + 2.0 * lambda - (1.0 + 4.0 * lambda).sqrt()) / (2.0 * lambda);
    let (edge, scale) = (1.0 / (1.0 - decay), (decay / lambda).powi(steps));
    let mut matrix = Matrix::zeros(size, size);
    for from in 0..size {
        let mut line = vec![0.0f64; size];
        line[from] = 1.0;
        for _ in 0..steps {
            line[0] *= edge;
            (1..size).for_each(|at| line[at] += decay * line[at - 1]);
            line[size - 1] *= edge;
            (1..size).rev().for_each(|at| line[at - 1] += decay * line[at]);
        }
        (0..size).for_each(|to| matrix.values[to * size + from] = (line[to] * scale) as f32);
    }
    matrix
}

fn moving_mean(radius: usize, size: usize) -> Matrix {
    let (reach, last) = (radius as isize, size as isize);
    let weight = 1.0 / (2 * radius + 1) as f32;
    let mut matrix = Matrix::zeros(size, size);
    for to in 0..size {
        for from in to as isize - reach..=to as isize + reach {
            let mirrored = if from < 0 { -from - 1 } else { from };
            let mirrored = if mirrored >= last { 2 * last - mirrored - 1 } else { mirrored };
            matrix.values[to * size + mirrored.clamp(0, last - 1) as usize] += weight;
        }
    }
    matrix
}

fn blocks(side: usize, phase: usize, size: usize) -> Matrix {
    let mut matrix = Matrix::zeros(size, size);
    let first = if phase.is_multiple_of(side) { side } else { phase % side };
    let mut start = 0;
    let mut end = first.min(size);
    while start < size {
        let weight = 1.0 / (end - start) as f32;
        for to in start..end {
            matrix.row_mut(to)[start..end].fill(weight);
        }
        (start, end) = (end, (end + side).min(size));
    }
    matrix
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KERNELS: [Kernel; 7] = [
        Kernel::Gaussian,
        Kernel::Recursive { steps: 1 },
        Kernel::Recursive { steps: 3 },
        Kernel::Box { passes: 1 },
        Kernel::Box { passes: 2 },
        Kernel::Box { passes: 3 },
        Kernel::Blocks,
    ];

    fn apply(operator: &Operator, image: &Matrix) -> Matrix {
        operator.down(image.rows).times(image).times(&operator.across(image.columns).transposed())
    }

    /// The mean of the block around a pixel, straight from its definition.
    fn block_mean(image: &Matrix, side: usize, row: usize, column: usize) -> f32 {
        let (top, left) = (row / side * side, column / side * side);
        let rows = top..(top + side).min(image.rows);
        let columns = left..(left + side).min(image.columns);
        let sum: f32 = rows.clone().map(|at| image.row(at)[columns.clone()].iter().sum::<f32>()).sum();
        sum / (rows.len() * columns.len()) as f32
    }

    proptest! {
        #[test]
        fn covers_keep_constants(kernel in 0usize..7, strength in 1u8..7, size in 8usize..40) {
            let operator = Operator::new(KERNELS[kernel], f32::from(strength));
            let across = operator.across(size);
            for row in 0..size {
                prop_assert!((across.row(row).iter().sum::<f32>() - 1.0).abs() < 2e-3);
            }
        }

        #[test]
        fn covers_are_linear(kernel in 0usize..7, strength in 1u8..6, pixels in prop::collection::vec(0f32..255.0, 2 * 12 * 15)) {
            let operator = Operator::new(KERNELS[kernel], f32::from(strength));
            let image = |from: usize| Matrix { rows: 12, columns: 15, values: pixels[from..from + 180].to_vec() };
            let (first, second) = (image(0), image(180));
            let mut sum = first.clone();
            add(&mut sum, &second);
            let mut apart = apply(&operator, &first);
            add(&mut apart, &apply(&operator, &second));
            for (left, right) in apply(&operator, &sum).values.iter().zip(&apart.values) {
                prop_assert!((left - right).abs() < 0.01);
            }
        }

        #[test]
        fn blocks_are_means(side in 2usize..9, pixels in prop::collection::vec(0f32..255.0, 13 * 17)) {
            let image = Matrix { rows: 13, columns: 17, values: pixels };
            let covered = apply(&Operator::new(Kernel::Blocks, side as f32), &image);
            for row in 0..13 {
                for column in 0..17 {
                    let direct = block_mean(&image, side, row, column);
                    prop_assert!((covered.row(row)[column] - direct).abs() < 0.01);
                }
            }
        }
    }

    fn add(to: &mut Matrix, from: &Matrix) {
        to.values.iter_mut().zip(&from.values).for_each(|(to, from)| *to += from);
    }
}
