//! Tails of the Poisson and binomial distributions, and how chances combine.
//!
//! Tails are summed from their first term on, so that very small ones keep
//! their size; a complement would round to nothing.

/// Chance of `seen` events or more where `expected` are to be expected.
pub fn poisson_tail(seen: u32, expected: f64) -> f64 {
    if seen == 0 {
        return 1.0;
    }
    if expected <= 0.0 {
        return 0.0;
    }
    let first = (1..=seen).fold(-expected, |log, k| log + expected.ln() - f64::from(k).ln()).exp();
    tail(first, seen, |k| expected / f64::from(k))
}

/// Chance of `seen` successes or more in `tries` of chance `each`.
pub fn binomial_tail(seen: u32, tries: u32, each: f64) -> f64 {
    if seen == 0 || each >= 1.0 {
        return 1.0;
    }
    if seen > tries || each <= 0.0 {
        return 0.0;
    }
    let odds = each / (1.0 - each);
    let ratio = |k: u32| odds * f64::from(tries - k + 1) / f64::from(k);
    let none = f64::from(tries) * (1.0 - each).ln();
    let first = (1..=seen).fold(none, |log, k| log + ratio(k).ln()).exp();
    tail(first, seen, |k| if k > tries { 0.0 } else { ratio(k) })
}

/// `first` and all later terms, each `ratio(k)` times the one before.
fn tail(first: f64, seen: u32, ratio: impl Fn(u32) -> f64) -> f64 {
    let (mut sum, mut term, mut k) = (first, first, seen);
    loop {
        k = k.saturating_add(1);
        let factor = ratio(k);
        term *= factor;
        sum += term;
        // Past the mode the rest is smaller than a geometric series.
        if factor < 0.5 && term <= sum * 1e-16 || k == u32::MAX {
            return sum.min(1.0);
        }
    }
}

/// Chance that independent chances multiply to so little (Fisher's method).
pub fn combined(chances: &[f64]) -> f64 {
    let log: f64 = chances.iter().map(|chance| chance.max(f64::MIN_POSITIVE).ln()).sum();
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..chances.len() {
        term *= -log / k as f64;
        sum += term;
    }
    (log.exp() * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= wanted * 1e-9, "{found} is not {wanted}");
    }

    #[test]
    fn tails_agree_with_tables() {
        near(poisson_tail(1, 1.0), 1.0 - (-1.0f64).exp());
        near(poisson_tail(3, 0.5), 0.014_387_677_966_970_687);
        near(binomial_tail(2, 3, 0.5), 0.5);
        near(binomial_tail(9, 10, 0.5), 11.0 / 1024.0);
        near(binomial_tail(3, 3, 0.001), 1e-9);
        assert_eq!((poisson_tail(0, 3.0), poisson_tail(2, 0.0)), (1.0, 0.0));
        assert_eq!((binomial_tail(4, 3, 0.5), binomial_tail(1, 3, 0.0), binomial_tail(1, 3, 1.0)), (0.0, 0.0, 1.0));
    }

    #[test]
    fn far_tails_keep_their_size() {
        assert!(poisson_tail(40, 0.01) > 0.0 && poisson_tail(40, 0.01) < 1e-100);
        near(poisson_tail(5, 200.0), 1.0);
    }

    #[test]
    fn combining_one_chance_changes_nothing() {
        near(combined(&[0.03]), 0.03);
        near(combined(&[0.1, 0.1]), 0.01 * (1.0 - 0.01f64.ln()));
    }
}
