//! Text out of the evidence never becomes markup, a formula, or a private word in a shared product.

use findings::{OUTPUTS, Output};
use model::Mark;
use proptest::prelude::*;

use crate::golden::dossier;

fn product(name: &str, file: &str, mark: Mark) -> String {
    let output: &dyn Output = *OUTPUTS.iter().find(|output| output.file_name() == file).unwrap();
    String::from_utf8(output.render(&dossier(name), mark)).unwrap()
}

/// Products that a browser opens.
const PAGES: &[&str] = &["report.html", "campaigns.html", "infrastructure.html", "actors.html"];

/// Tags of the page that are not the program's own, and attributes that would act.
fn foreign_markup(html: &str) -> Vec<String> {
    const KNOWN: &str = " html head meta title style body a header p h1 h2 h3 h4 nav ul ol li main section article div \
        span strong code pre mark table caption thead tbody tr th td dl dt dd details summary svg rect line text time br footer del ins ";
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
    for (mark, file) in Mark::ALL.iter().flat_map(|mark| PAGES.iter().map(move |file| (mark, file))) {
        let html = product("hostile", file, *mark);
        assert_eq!(foreign_markup(&html), Vec::<String>::new());
        let unseen = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n');
        assert!(!html.contains(unseen), "a control reached the page");
        let after_style = html.split("</style>").nth(1).unwrap();
        let schemes = after_style.match_indices("://").map(|(at, _)| &after_style[..at]);
        assert!(schemes.into_iter().all(|before| before.ends_with("hxxp") || before.ends_with("hxxps")));
        let links = after_style.split("href=\"").skip(1);
        let pages = ["#", "campaigns.html#campaign-", "infrastructure.html#", "actors.html#"];
        let within = |link: &str| pages.iter().any(|page| link.starts_with(page));
        assert!(links.into_iter().all(within), "a link leads out of the products");
    }
}

#[test]
fn every_link_in_the_page_has_its_target() {
    for (name, file) in
        ["operation", "quiet", "loud"].iter().flat_map(|name| PAGES.iter().map(move |file| (name, file)))
    {
        let html = product(name, file, Mark::Red);
        for link in html.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap();
            assert!(html.contains(&format!("id=\"{target}\"")), "{name}/{file}: #{target}");
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
        for file in [
            "findings.shared.json",
            "observables.csv",
            "report.html",
            "case.stix.json",
            "case.misp.json",
            "campaigns.html",
            "infrastructure.html",
            "actors.html",
        ] {
            let text = product(name, file, Mark::Amber);
            for private in
                ["@reader.test", "m0@mail", "Traceback", "m99@", "REC-77", "elm20301", "ferry_news", "Ada Registrant"]
            {
                assert!(!text.contains(private), "{name}/{file} holds {private}");
            }
        }
    }
}

/// Values of the private rows that are one reader's alone, under any mark.
#[test]
fn no_reader_of_a_campaign_is_known_by_its_page() {
    let dossier = dossier("operation");
    let bodies = dossier.wordings.iter().filter(|wording| wording.kind == "text/plain");
    let mut fields: Vec<String> = Vec::new();
    for body in bodies {
        let labelled = body.text.lines().filter_map(|line| line.split_once(": ")).map(|(_, value)| value.to_owned());
        fields.extend(labelled);
        fields.extend(body.recipients.iter().cloned());
        fields.extend(body.recipients.iter().flat_map(|address| address.split(['@', '.']).take(2)).map(str::to_owned));
    }
    assert!(fields.len() > 50, "the sample has readers");
    for mark in Mark::ALL {
        let page = product("operation", "campaigns.html", *mark).to_lowercase();
        for field in &fields {
            let held = page.split(|c: char| !c.is_alphanumeric()).any(|word| word == field.to_lowercase());
            assert!(!held && (field.len() < 8 || !page.contains(&field.to_lowercase())), "{field} under {mark:?}");
        }
        for hidden in ["janice-candle", "tiny-household", "?reader="] {
            assert!(!page.contains(hidden), "{hidden} under {mark:?}");
        }
    }
}

#[test]
fn what_a_campaign_says_to_all_is_shown_with_its_differences() {
    let page = product("operation", "campaigns.html", Mark::Amber);
    for shown in [
        "Lantern Guard",
        "before 18 May",
        "Passes SPF, yet spoofed",
        "probable victim",
        "<del>",
        "<ins>",
        "Line of trust",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("desk@") && !page.contains("desk[@]"));
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

#[test]
fn hits_outside_the_tenancy_are_grey_and_have_a_reason() {
    let page = product("operation", "infrastructure.html", Mark::Amber);
    for shown in [
        "let to customer C-12. Confidence: moderate",
        "<rect class=\"hit\"",
        "<rect class=\"off\"",
        "<tr class=\"off\"><td>in the hands of",
        "AS64500",
        "2 of 3",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn a_contested_alias_stands_under_both_actors() {
    let page = product("operation", "actors.html", Mark::Amber);
    let conflicts = page.split("id=\"conflicts\"").nth(1).and_then(|rest| rest.split("id=\"others\"").next()).unwrap();
    for shown in ["G12-Slate", "Ash Heron", "Grey Otter", "tied to different countries", "North Lab", "2030-11-02"] {
        assert!(conflicts.contains(shown), "{shown}");
    }
    assert!(!conflicts.contains("Red Vole"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_word_that_one_reader_got_never_reaches_the_page(word in "[A-Za-z0-9@.-]{12,20}", n in 0usize..20) {
        let mut dossier = dossier("operation");
        dossier.wordings[n].text = format!("{}\n{word} is yours", dossier.wordings[n].text);
        let output = OUTPUTS.iter().find(|output| output.file_name() == "campaigns.html").unwrap();
        let html = String::from_utf8(output.render(&dossier, Mark::Red)).unwrap();
        prop_assert!(!html.contains(&word));
    }

    #[test]
    fn no_label_breaks_out_of_the_page(label in "\\PC{0,40}", why in "[<>\"'&a-z/= ]{0,60}") {
        let mut dossier = dossier("operation");
        dossier.case.name = label.clone();
        dossier.campaigns[0].label = label;
        dossier.links.iter_mut().for_each(|link| link.why.clone_from(&why));
        dossier.slips.iter_mut().for_each(|slip| slip.value.clone_from(&why));
        dossier.sights.iter_mut().for_each(|sight| sight.text.clone_from(&why));
        dossier.recovered.iter_mut().for_each(|found| found.crop.clone_from(&why));
        dossier.holdings.iter_mut().for_each(|held| held.holder = Some(why.clone()));
        dossier.intel_matches.iter_mut().for_each(|hit| hit.source = Some(why.clone()));
        dossier.actor_statements.iter_mut().for_each(|said| said.alias.clone_from(&why));
        dossier.tallies.iter_mut().for_each(|tally| tally.value.clone_from(&why));
        dossier.flows.iter_mut().for_each(|flow| flow.receiver = Some(why.clone()));
        dossier.wordings.iter_mut().for_each(|wording| wording.text.clone_from(&why));
        dossier.exhibits.iter_mut().for_each(|mail| mail.header = format!("X: {why}\nFrom: {why}\n{why}: {why}"));
        for output in OUTPUTS.iter().filter(|output| PAGES.contains(&output.file_name())) {
            let html = String::from_utf8(output.render(&dossier, Mark::Red)).unwrap();
            prop_assert_eq!(foreign_markup(&html), Vec::<String>::new());
        }
    }
}
