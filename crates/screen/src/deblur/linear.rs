//! The little linear algebra that decoding needs: small dense matrices, a
//! banded Cholesky factor, eigenvectors of small symmetric matrices.
//!
//! Written by hand because every matrix here has a few dozen columns, and the
//! one large one is banded.

/// A dense matrix, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) values: Vec<f32>,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    pub(crate) fn identity(size: usize) -> Self {
        let mut matrix = Self::zeros(size, size);
        (0..size).for_each(|at| matrix.values[at * size + at] = 1.0);
        matrix
    }

    pub(crate) fn row(&self, at: usize) -> &[f32] {
        &self.values[at * self.columns..(at + 1) * self.columns]
    }

    pub(crate) fn row_mut(&mut self, at: usize) -> &mut [f32] {
        &mut self.values[at * self.columns..(at + 1) * self.columns]
    }

    /// `self * other`.
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.rows, other.columns);
        for at in 0..self.rows {
            for inner in 0..self.columns {
                let factor = self.values[at * self.columns + inner];
                if factor != 0.0 {
                    add_scaled(product.row_mut(at), other.row(inner), factor);
                }
            }
        }
        product
    }

    pub(crate) fn transposed(&self) -> Self {
        let mut turned = Self::zeros(self.columns, self.rows);
        for row in 0..self.rows {
            for column in 0..self.columns {
                turned.values[column * self.rows + row] = self.values[row * self.columns + column];
            }
        }
        turned
    }

    /// The rectangle of `rows` and `columns`.
    pub(crate) fn part(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Self {
        let values = rows.clone().flat_map(|row| self.row(row)[columns.clone()].iter().copied()).collect();
        Self { rows: rows.len(), columns: columns.len(), values }
    }
}

/// Adds `factor * from` to `to`.
pub(crate) fn add_scaled(to: &mut [f32], from: &[f32], factor: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}

/// The inner product, in eight lanes so that it is vectorised, in a fixed order.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (lefts, rights) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest: f32 = lefts.remainder().iter().zip(rights.remainder()).map(|(left, right)| left * right).sum();
    for (left, right) in lefts.zip(rights) {
        for lane in 0..8 {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    lanes.iter().sum::<f32>() + rest
}

fn dot_wide(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0f64; 4];
    let (lefts, rights) = (left.chunks_exact(4), right.chunks_exact(4));
    let rest: f64 = lefts.remainder().iter().zip(rights.remainder()).map(|(left, right)| left * right).sum();
    for (left, right) in lefts.zip(rights) {
        for lane in 0..4 {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// A symmetric matrix whose entries vanish beyond `band` from the diagonal,
/// lower half only, and its Cholesky factor in the same place.
#[derive(Clone, Debug)]
pub(crate) struct Banded {
    size: usize,
    band: usize,
    values: Vec<f64>,
}

impl Banded {
    pub(crate) fn zeros(size: usize, band: usize) -> Self {
        Self { size, band, values: vec![0.0; size * (band + 1)] }
    }

    /// The place of (`row`, `column`) with `row - band <= column <= row`.
    fn place(&self, row: usize, column: usize) -> usize {
        row * (self.band + 1) + column + self.band - row
    }

    pub(crate) fn add(&mut self, row: usize, column: usize, value: f64) {
        let place = self.place(row, column);
        self.values[place] += value;
    }

    /// Zero beyond the band.
    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        if row - column > self.band { 0.0 } else { self.values[self.place(row, column)] }
    }

    /// Turns the matrix into its lower Cholesky factor; false if it is not
    /// positive.
    pub(crate) fn factor(&mut self) -> bool {
        for row in 0..self.size {
            let first = row.saturating_sub(self.band);
            for column in first..=row {
                let start = first.max(column.saturating_sub(self.band));
                let (left, right) = (self.place(row, start), self.place(column, start));
                let length = column - start;
                let sum = dot_wide(&self.values[left..left + length], &self.values[right..right + length]);
                let rest = self.values[self.place(row, column)] - sum;
                let place = self.place(row, column);
                if row == column {
                    if rest <= 0.0 {
                        return false;
                    }
                    self.values[place] = rest.sqrt();
                } else {
                    self.values[place] = rest / self.values[self.place(column, column)];
                }
            }
        }
        true
    }

    /// Solves `factor * unknown = right` in place.
    pub(crate) fn solve_lower(&self, right: &mut [f64]) {
        for row in 0..self.size {
            let first = row.saturating_sub(self.band);
            let start = self.place(row, first);
            let sum = dot_wide(&self.values[start..start + row - first], &right[first..row]);
            right[row] = (right[row] - sum) / self.values[self.place(row, row)];
        }
    }
}

/// Solves a small positive system; none if it is singular.
pub(crate) fn solve(matrix: Vec<f64>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    let mut factor = Banded::zeros(size, size.saturating_sub(1));
    for row in 0..size {
        for column in 0..=row {
            let ridge = if row == column { 1e-6 * matrix[row * size + row] + 1e-9 } else { 0.0 };
            factor.add(row, column, matrix[row * size + column] + ridge);
        }
    }
    if !factor.factor() {
        return None;
    }
    factor.solve_lower(&mut right);
    for row in (0..size).rev() {
        let later: f64 = (row + 1..size).map(|at| factor.get(at, row) * right[at]).sum();
        right[row] = (right[row] - later) / factor.get(row, row);
    }
    Some(right)
}

/// Eigenvalues, largest first, and eigenvectors as rows, of a small symmetric
/// matrix, by Jacobi's rotations.
pub(crate) fn eigen(mut matrix: Vec<f64>, size: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut vectors: Vec<Vec<f64>> =
        (0..size).map(|at| (0..size).map(|to| f64::from(u8::from(at == to))).collect()).collect();
    let scale: f64 = (0..size).map(|at| matrix[at * size + at].abs()).sum::<f64>() + 1e-30;
    for _ in 0..12 {
        let mut off = 0.0;
        for row in 0..size {
            for column in row + 1..size {
                off += matrix[row * size + column].abs();
                rotate(&mut matrix, &mut vectors, size, row, column);
            }
        }
        if off < 1e-9 * scale {
            break;
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|left, right| matrix[right * size + right].total_cmp(&matrix[left * size + left]));
    let values = order.iter().map(|at| matrix[at * size + at]).collect();
    (values, order.iter().map(|at| vectors[*at].clone()).collect())
}

fn rotate(matrix: &mut [f64], vectors: &mut [Vec<f64>], size: usize, row: usize, column: usize) {
    let off = matrix[row * size + column];
    let (first, second) = (matrix[row * size + row], matrix[column * size + column]);
    if off.abs() < 1e-14 * (first.abs() + second.abs() + 1e-30) {
        return;
    }
    let theta = (second - first) / (2.0 * off);
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for at in 0..size {
        let (left, right) = (matrix[at * size + row], matrix[at * size + column]);
        matrix[at * size + row] = cosine * left - sine * right;
        matrix[at * size + column] = sine * left + cosine * right;
    }
    for at in 0..size {
        let (left, right) = (matrix[row * size + at], matrix[column * size + at]);
        matrix[row * size + at] = cosine * left - sine * right;
        matrix[column * size + at] = sine * left + cosine * right;
    }
    let (upper, lower) = vectors.split_at_mut(column);
    for (left, right) in upper[row].iter_mut().zip(lower[0].iter_mut()) {
        let (was, other) = (*left, *right);
        *left = cosine * was - sine * other;
        *right = sine * was + cosine * other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_rebuild_their_matrix() {
        let matrix = vec![4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 2.0];
        let (values, vectors) = eigen(matrix.clone(), 3);
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
        for row in 0..3 {
            for column in 0..3 {
                let built: f64 = (0..3).map(|at| values[at] * vectors[at][row] * vectors[at][column]).sum();
                assert!((built - matrix[row * 3 + column]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_banded_factor_solves_its_system() {
        let mut banded = Banded::zeros(4, 1);
        (0..4).for_each(|at| banded.add(at, at, 4.0));
        (1..4).for_each(|at| banded.add(at, at - 1, 1.0));
        assert!(banded.factor());
        let mut right = vec![4.0, 5.0, 5.0, 5.0];
        banded.solve_lower(&mut right);
        let rebuilt: f64 = banded.get(1, 0) * right[0] + banded.get(1, 1) * right[1];
        assert!((rebuilt - 5.0).abs() < 1e-12);
    }
}
