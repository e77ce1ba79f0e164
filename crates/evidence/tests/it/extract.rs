//! Observables and slips, from whole files, each place opened again.

use crate::check::check;

#[test]
fn observables_and_slips_of_the_corpus() {
    check("extract");
}
