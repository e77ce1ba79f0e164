//! How fast rows of logs become Parquet; run with `--ignored` in release.

use model::{Batch, Cell, Stage, tables};

use crate::desk::Desk;

#[test]
#[ignore = "measures; run it by name in release"]
fn log_rows_to_parquet() {
    let desk = Desk::new();
    let case = desk.open();
    let begun = std::time::Instant::now();
    let mut spent = std::time::Duration::ZERO;
    let mut writer = case.split_writer(Stage::Ingest, "p").unwrap();
    let mut batch = Batch::new(&tables::WEB_REQUESTS);
    let hex = "ab".repeat(32);
    let (mut offset, mut seed) = (0u64, 1u64);
    for row in 0..2_000_000u64 {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let address = format!("203.0.113.{}", (seed >> 40) % 250);
        let path = format!("/list/{}/item/{}", (seed >> 33) % 40, (seed >> 20) % 5000);
        let referer = format!("https://www.example.test/page/{}", (seed >> 50) % 900);
        let length = 150 + (seed >> 60);
        batch.push(
            &[hex.as_str().into(), "".into(), offset.into(), length.into()],
            &[
                Cell::Time(1_600_000_000_000_000 + row as i64 * 1_000_000),
                address.as_str().into(),
                Cell::Null,
                Cell::Null,
                "GET".into(),
                path.as_str().into(),
                Cell::Null,
                200.into(),
                ((seed >> 30) % 90_000).into(),
                Cell::Null,
                referer.as_str().into(),
                "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/80.0".into(),
                Cell::Null,
                Cell::Null,
            ],
        );
        offset += length + 1;
        if batch.is_full() {
            let rows = batch.take().unwrap();
            let writing = std::time::Instant::now();
            writer.write(&tables::WEB_REQUESTS, rows).unwrap();
            spent += writing.elapsed();
        }
    }
    let writing = std::time::Instant::now();
    let manifest = writer.finish().unwrap();
    spent += writing.elapsed();
    let rate = offset as f64 / 1e6 / spent.as_secs_f64();
    let written = manifest.tables[0].bytes as f64 / 1e6;
    println!(
        "{:.0} MB of log, {written:.0} MB of Parquet, {rate:.0} MB/s in the writer, all {:?}",
        offset as f64 / 1e6,
        begun.elapsed()
    );
}
