//! Splits and stages: what is finished, what is done again, and equal bytes.

use std::fs;

use model::{Batch, Stage, tables};

use crate::desk::{Desk, files, number, write_split};

const LOSSES: &str = "SELECT count(*) AS n FROM losses";

#[test]
fn a_stage_goes_through_its_life() {
    let desk = Desk::new();
    let case = desk.open();
    case.prepare_stage(Stage::Ingest, "one").unwrap();
    write_split(&case, Stage::Ingest, "p-0", 3);
    write_split(&case, Stage::Ingest, "p-1", 4);
    let both = ["p-0".to_owned(), "p-1".to_owned()];
    assert_eq!(Vec::from_iter(case.finished_splits(Stage::Ingest).unwrap()), both);
    assert!(!case.stage_committed(Stage::Ingest, "one").unwrap());
    case.commit_stage(Stage::Ingest, "one", &both).unwrap();
    assert!(case.stage_committed(Stage::Ingest, "one").unwrap());
    assert!(!case.stage_committed(Stage::Ingest, "two").unwrap());
    assert_eq!(case.stage_inputs(Stage::Ingest).unwrap().as_deref(), Some("one"));
    assert_eq!(number(&case, LOSSES), 7);
    let missing = ["p-2".to_owned()];
    assert!(case.commit_stage(Stage::Ingest, "one", &missing).is_err());
    case.verify(None).unwrap();
}

#[test]
fn other_inputs_begin_afresh_and_take_later_stages_along() {
    let desk = Desk::new();
    let case = desk.open();
    for (stage, split) in [(Stage::Ingest, "p"), (Stage::Extract, "p")] {
        case.prepare_stage(stage, "one").unwrap();
        write_split(&case, stage, split, 2);
        case.commit_stage(stage, "one", &[split.to_owned()]).unwrap();
    }
    assert_eq!(number(&case, LOSSES), 4);
    case.prepare_stage(Stage::Extract, "one").unwrap();
    assert_eq!(case.finished_splits(Stage::Extract).unwrap().len(), 1);
    case.prepare_stage(Stage::Extract, "two").unwrap();
    assert_eq!(number(&case, LOSSES), 2);
    assert_eq!(files(&case, &tables::LOSSES).len(), 1);
    case.prepare_stage(Stage::Ingest, "two").unwrap();
    assert_eq!(number(&case, LOSSES), 0);
    assert!(files(&case, &tables::LOSSES).is_empty() && files(&case, &tables::CONTEXTS).is_empty());
}

#[test]
fn files_without_a_manifest_are_not_there() {
    let desk = Desk::new();
    let case = desk.open();
    write_split(&case, Stage::Ingest, "p-0", 3);
    write_split(&case, Stage::Ingest, "p-1", 4);
    fs::remove_file(case.root().join("tables/_manifest/ingest/p-1.json")).unwrap();
    assert_eq!(number(&case, LOSSES), 3);
    assert_eq!(case.finished_splits(Stage::Ingest).unwrap().len(), 1);
    write_split(&case, Stage::Ingest, "p-1", 4);
    assert_eq!(number(&case, LOSSES), 7);
}

#[test]
fn a_split_that_lost_a_file_is_done_again() {
    let desk = Desk::new();
    let case = desk.open();
    case.prepare_stage(Stage::Ingest, "one").unwrap();
    write_split(&case, Stage::Ingest, "p", 3);
    case.commit_stage(Stage::Ingest, "one", &["p".to_owned()]).unwrap();
    fs::write(&files(&case, &tables::LOSSES)[0], "cut").unwrap();
    assert!(!case.stage_committed(Stage::Ingest, "one").unwrap());
    case.prepare_stage(Stage::Ingest, "one").unwrap();
    assert_eq!(number(&case, LOSSES), 0);
    write_split(&case, Stage::Ingest, "p", 3);
    case.commit_stage(Stage::Ingest, "one", &["p".to_owned()]).unwrap();
    case.verify(None).unwrap();
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let desk = Desk::new();
    let case = desk.open();
    let mut writer = case.split_writer(Stage::Ingest, "p").unwrap();
    let mut losses = Batch::new(&tables::LOSSES);
    losses.push(&[model::Cell::Null; 4], &[model::Cell::Null; 4]);
    writer.write(&tables::LOSSES, losses.take().unwrap()).unwrap();
    drop(writer);
    assert!(files(&case, &tables::LOSSES).is_empty());
    assert!(case.split_writer(Stage::Ingest, "../p").is_err());
}

#[test]
fn equal_batches_give_equal_bytes() {
    let bytes = |_| {
        let desk = Desk::new();
        let case = desk.open();
        write_split(&case, Stage::Ingest, "p", 5_000);
        let paths = [files(&case, &tables::LOSSES), files(&case, &tables::CONTEXTS)].concat();
        paths.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    let [first, second] = [0, 1].map(bytes);
    assert!(first == second && first.len() == 2);
}
