//! Text out of the evidence never becomes markup, a formula, or a private word in a shared product.

use findings::{OUTPUTS, Output};
use model::Mark;
use proptest::prelude::*;

use crate::golden::dossier;

fn product(name: &str, file: &str, mark: Mark) -> String {
    let output: &dyn Output = *OUTPUTS.iter().find(|output| output.file_name() == file).unwrap();
    String::from_utf8(output.render(&dossier(name), mark)).unwrap()
}

/// Tags of the page that are not the program's own, and attributes that would act.
fn foreign_markup(html: &str) -> Vec<String> {
    const KNOWN: &str = " html head meta title style body a header p h1 h2 h3 h4 nav ul ol li main section article div \
        span strong code pre mark table caption thead tbody tr th td dl dt dd details summary svg rect line time br footer ";
    let tags = html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or(rest));
    tags.filter(|tag| {
        let name = tag.trim_start_matches(['/', '!']).split([' ', '\n']).next().unwrap_or_default();
        let acts =
            tag.contains(" on") && tag.contains("=\"x\"") || tag.contains("javascript:") || tag.contains("http:");
        // The one picture there is: a crop that the page itself holds.
        let crop = name == "img" && tag.starts_with("img class=\"crop\" src=\"data:image/png;base64,");
        !(KNOWN.contains(&format!(" {name} ")) || name == "DOCTYPE" || crop) || acts
    })
    .map(str::to_owned)
    .collect()
}

#[test]
fn hostile_text_never_leaves_its_place_in_the_page() {
    for mark in Mark::ALL {
        let html = product("hostile", "report.html", *mark);
        assert_eq!(foreign_markup(&html), Vec::<String>::new());
        let unseen = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n');
        assert!(!html.contains(unseen), "a control reached the page");
        let after_style = html.split("</style>").nth(1).unwrap();
        let schemes = after_style.match_indices("://").map(|(at, _)| &after_style[..at]);
        assert!(schemes.into_iter().all(|before| before.ends_with("hxxp") || before.ends_with("hxxps")));
        let links = after_style.split("href=\"").skip(1);
        assert!(links.into_iter().all(|link| link.starts_with('#')), "a link leads out of the page");
    }
}

#[test]
fn every_link_in_the_page_has_its_target() {
    for name in ["operation", "quiet", "loud"] {
        let html = product(name, "report.html", Mark::Red);
        for link in html.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap();
            assert!(html.contains(&format!("id=\"{target}\"")), "{name}: #{target}");
        }
    }
}

#[test]
fn no_cell_of_the_csv_is_a_formula() {
    let csv = product("hostile", "observables.csv", Mark::Red);
    assert!(csv.lines().skip(1).all(|line| !line.starts_with(['=', '+', '-', '@'])));
    assert!(!csv.contains('\u{0}'));
}

#[test]
fn what_is_shared_names_no_message_and_no_person() {
    for name in ["operation", "loud", "quiet"] {
        for file in ["findings.shared.json", "observables.csv", "report.html", "case.stix.json", "case.misp.json"] {
            let text = product(name, file, Mark::Amber);
            for private in ["@reader.test", "m0@mail", "Traceback", "m99@", "REC-77", "elm20301", "ferry_news"] {
                assert!(!text.contains(private), "{name}/{file} holds {private}");
            }
        }
    }
}

#[test]
fn every_find_has_its_place() {
    let findings: serde_json::Value = serde_json::from_str(&product("operation", "findings.json", Mark::Red)).unwrap();
    let attribution = &findings["attribution"][0];
    let lists = [&findings["slips"], &findings["links"], &attribution["evidence"], &attribution["contributions"]];
    for item in lists.iter().flat_map(|list| list.as_array().unwrap()) {
        assert!(item["at"].as_array().is_some_and(|at| !at.is_empty()), "{item}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_label_breaks_out_of_the_page(label in "\\PC{0,40}", why in "[<>\"'&a-z/= ]{0,60}") {
        let mut dossier = dossier("operation");
        dossier.case.name = label.clone();
        dossier.campaigns[0].label = label;
        dossier.links.iter_mut().for_each(|link| link.why.clone_from(&why));
        dossier.slips.iter_mut().for_each(|slip| slip.value.clone_from(&why));
        dossier.sights.iter_mut().for_each(|sight| sight.text.clone_from(&why));
        dossier.recovered.iter_mut().for_each(|found| found.crop.clone_from(&why));
        let output = OUTPUTS.iter().find(|output| output.file_name() == "report.html").unwrap();
        let html = String::from_utf8(output.render(&dossier, Mark::Red)).unwrap();
        prop_assert_eq!(foreign_markup(&html), Vec::<String>::new());
    }
}
