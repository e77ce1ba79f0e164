//! What holds of every judgement, whatever the evidence.

use findings::assess::ground::{Ground, Places};
use findings::dossier::{Campaign, Dossier, FileTie, IntelMatch, Mask, Message, Placement, Settled, Slip, WebAddress};
use findings::{Weights, assess};
use proptest::prelude::*;

fn hit(value: u8, actor: u8, source: u8, confidence: Option<u64>, counts: bool) -> IntelMatch {
    IntelMatch {
        kind: "ip".into(),
        value: format!("192.0.2.{value}"),
        actor: Some(format!("Actor {actor}")),
        reference: Some(format!("indicator--{value}-{actor}")),
        source: Some(format!("Lab {source}")),
        confidence,
        counts,
        campaigns: vec!["c-1".into()],
        at: format!("sha256:aa/mbox:{value}/header:Received[1]"),
        ..IntelMatch::default()
    }
}

fn dossier(hits: Vec<IntelMatch>, origins: &[u8], slips: Vec<Slip>) -> Dossier {
    let messages = origins.iter().map(|ip| Message {
        origin_ip: Some(format!("192.0.2.{ip}")),
        campaign: Some("c-1".into()),
        at: format!("sha256:aa/mbox:{ip}"),
        ..Message::default()
    });
    Dossier {
        campaigns: vec![Campaign { id: "c-1".into(), label: "A".into(), ..Campaign::default() }],
        messages: messages.collect(),
        intel_matches: hits,
        slips,
        ..Dossier::default()
    }
}

fn any_hit() -> impl Strategy<Value = IntelMatch> {
    (0..20u8, 0..4u8, 0..3u8, proptest::option::of(0..=100u64), any::<bool>())
        .prop_map(|(value, actor, source, confidence, counts)| hit(value, actor, source, confidence, counts))
}

proptest! {
    #[test]
    fn probabilities_sum_to_one(hits in proptest::collection::vec(any_hit(), 0..40), origins in proptest::collection::vec(0..20u8, 0..8)) {
        let dossier = dossier(hits, &origins, Vec::new());
        let assessment = assess(&dossier.assess_input(), &Weights::shipped().unwrap());
        let judgement = &assessment.judgements[0];
        let sums = [
            judgement.hypotheses.iter().map(|rival| rival.prior).sum::<u32>(),
            judgement.hypotheses.iter().map(|rival| rival.probability).sum::<u32>(),
            judgement.hypotheses.iter().map(|rival| rival.probability_without_cheap).sum::<u32>(),
        ];
        prop_assert_eq!(sums, [1_000_000; 3]);
        for run in &judgement.sensitivity {
            prop_assert_eq!(run.hypotheses.values().sum::<u32>(), 1_000_000);
        }
        prop_assert!(judgement.hypotheses.iter().any(|rival| rival.name == "deception"));
    }

    #[test]
    fn what_is_cheap_to_plant_never_names_anybody(hits in proptest::collection::vec(any_hit(), 0..60)) {
        // No message came from any of these addresses: each stands in text alone.
        let dossier = dossier(hits, &[], Vec::new());
        let assessment = assess(&dossier.assess_input(), &Weights::shipped().unwrap());
        prop_assert_eq!(&*assessment.judgements[0].actor, "unattributed");
        prop_assert_eq!(assessment.judgements[0].confidence.word(), "none");
    }

    #[test]
    fn order_of_rows_changes_nothing(hits in proptest::collection::vec(any_hit(), 0..12)) {
        let weights = Weights::shipped().unwrap();
        let forward = dossier(hits.clone(), &[1, 2, 3], Vec::new());
        let backward = dossier(hits.into_iter().rev().collect(), &[3, 2, 1], Vec::new());
        let (forward, backward) = (assess(&forward.assess_input(), &weights), assess(&backward.assess_input(), &weights));
        prop_assert_eq!(&forward.judgements[0].hypotheses, &backward.judgements[0].hypotheses);
        prop_assert_eq!(&forward.judgements[0].contributions, &backward.judgements[0].contributions);
    }
}

#[test]
fn without_a_campaign_nobody_is_judged() {
    let mut dossier = dossier(vec![hit(1, 1, 1, Some(90), true)], &[1], Vec::new());
    dossier.campaigns.clear();
    let assessment = assess(&dossier.assess_input(), &Weights::shipped().unwrap());
    assert!(!assessment.alarm && assessment.judgements.is_empty());
}

#[test]
fn one_value_in_two_feeds_counts_once() {
    let mut second = hit(1, 1, 2, Some(90), true);
    second.reference = Some("indicator--other".into());
    let dossier = dossier(vec![hit(1, 1, 1, Some(90), true), second], &[1], Vec::new());
    let assessment = assess(&dossier.assess_input(), &Weights::shipped().unwrap());
    let contributions = &assessment.judgements[0].contributions;
    assert_eq!(contributions.iter().filter(|one| one.counted).count(), 1);
    assert_eq!(contributions.len(), 2);
    assert_eq!(assessment.judgements[0].confidence.word(), "low");
}

fn certificate(address: &str) -> IntelMatch {
    IntelMatch {
        kind: "spki".into(),
        value: "aa11".into(),
        address: Some(address.into()),
        at: "sha256:cc/json:0".into(),
        campaigns: Vec::new(),
        ..hit(0, 1, 1, Some(75), true)
    }
}

#[test]
fn a_reused_key_counts_on_a_server_of_the_campaign_alone() {
    let weights = Weights::shipped().unwrap();
    for (address, actor) in [("192.0.2.1", "Actor 1"), ("192.0.2.9", "unattributed")] {
        let dossier = dossier(vec![certificate(address)], &[1], Vec::new());
        let judgement = &assess(&dossier.assess_input(), &weights).judgements[0];
        assert_eq!(judgement.actor, actor, "{address}");
        assert_eq!(judgement.evidence.iter().any(|item| item.value == "aa11"), actor == "Actor 1");
    }
}

/// Three mails whose clock was made up and whose trace points to somebody, all with a mark.
fn dressed(masked: bool, kind: &str, plant_cost: &str) -> Dossier {
    let slip = |mail: u8| Slip {
        kind: kind.into(),
        value: "mark".into(),
        plant_cost: plant_cost.into(),
        at: format!("sha256:aa/mbox:{mail}/part:1/bytes:3-7"),
        ..Slip::default()
    };
    let mut dossier = dossier(Vec::new(), &[1, 2, 3], [1, 2, 3].map(slip).to_vec());
    let mask = Mask { campaign: "c-1".into(), messages: 3, ..Mask::default() };
    if masked {
        dossier.messages.iter_mut().for_each(|message| message.masked_offset_minutes = Some(480));
        dossier.masks.push(Mask { kind: "tz".into(), offset_minutes: Some(480), ..mask.clone() });
        let trace =
            Mask { kind: "ip".into(), value: Some("198.51.100.1".into()), actor: Some("Actor 2".into()), ..mask };
        dossier.masks.push(trace);
    }
    dossier
}

#[test]
fn cheap_marks_in_dressed_mails_are_held_to_be_planted() {
    let table = [
        (true, "path", "trivial", true),
        (false, "path", "trivial", false),
        (true, "path", "low", false),
        (true, "tz", "trivial", false),
    ];
    for (masked, kind, cost, planted) in table {
        let dossier = dressed(masked, kind, cost);
        let judgement = &assess(&dossier.assess_input(), &Weights::shipped().unwrap()).judgements[0];
        assert_eq!(judgement.planted.contains("mark"), planted, "{masked} {kind} {cost}");
    }
}

/// Two campaigns, an attacker who shares its cover with the second, and a leak that shares a value with the first.
fn two_campaigns() -> Dossier {
    let mail = |campaign: &str, ip: u8| Message {
        origin_ip: Some(format!("192.0.2.{ip}")),
        campaign: Some(campaign.into()),
        at: format!("sha256:{campaign}/mbox:{ip}"),
        ..Message::default()
    };
    let exit = |ip: u8, slip: bool| WebAddress { value: format!("192.0.2.{ip}"), slip, ..WebAddress::default() };
    let slip = |value: &str, detector: &str, at: &str| Slip {
        value: value.into(),
        detector: detector.into(),
        at: at.into(),
        topic: Some("leak".into()),
        ..Slip::default()
    };
    Dossier {
        campaigns: ["c-1", "c-2"].map(|id| Campaign { id: id.into(), ..Campaign::default() }).to_vec(),
        messages: vec![mail("c-1", 1), mail("c-1", 9), mail("c-2", 2), mail("c-2", 3), mail("c-2", 4)],
        web_addresses: vec![exit(2, false), exit(3, false), exit(4, false), exit(5, false), exit(77, true)],
        slips: vec![
            slip("192.0.2.77", "left_cover", "sha256:ab/bytes:1-2"),
            slip("mark", "leaked_path", "sha256:aa/x"),
        ],
        file_ties: vec![FileTie { file: "sha256:aa".into(), campaign: "c-1".into() }],
        ..Dossier::default()
    }
}

#[test]
fn of_two_campaigns_each_has_its_own_leak_and_attack() {
    let owned = |dossier: &Dossier| {
        let input = dossier.assess_input();
        let places = Places::new(&dossier.messages);
        let values = |ground: &Ground<'_>| ground.slips.iter().map(|slip| slip.value.clone()).collect::<Vec<_>>();
        Ground::all(&input, &places).iter().map(values).collect::<Vec<_>>()
    };
    let mut dossier = two_campaigns();
    assert_eq!(owned(&dossier), [vec!["mark".to_owned()], vec!["192.0.2.77".to_owned()]]);
    // What fits both is nobody's.
    dossier.file_ties.push(FileTie { file: "sha256:aa".into(), campaign: "c-2".into() });
    for (message, ip) in dossier.messages.iter_mut().zip([2, 3]) {
        message.origin_ip = Some(format!("192.0.2.{ip}"));
    }
    dossier.messages.push(Message { origin_ip: Some("192.0.2.4".into()), ..dossier.messages[0].clone() });
    assert_eq!(owned(&dossier), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn a_mark_of_two_actors_is_not_planted_on_the_one_who_is_named() {
    let mark = |actor: u8| IntelMatch { kind: "username".into(), value: "mark".into(), ..hit(3, actor, 2, None, true) };
    let dossier = dossier(vec![hit(1, 1, 1, Some(75), true), mark(1), mark(2)], &[1], Vec::new());
    let judgement = &assess(&dossier.assess_input(), &Weights::shipped().unwrap()).judgements[0];
    assert_eq!((&*judgement.actor, judgement.false_flag), ("Actor 1", false));
}

#[test]
fn what_is_another_campaigns_says_nothing_about_this_one() {
    let mut dossier = two_campaigns();
    dossier.intel_matches =
        vec![IntelMatch { campaigns: Vec::new(), at: "sha256:c-1/mbox:1/x".into(), ..hit(1, 1, 1, Some(75), true) }];
    let assessment = assess(&dossier.assess_input(), &Weights::shipped().unwrap());
    let of = |n: usize| assessment.judgements[n].contributions.len();
    assert_eq!((of(0), of(1)), (1, 0));
}

/// An address that feeds give to two actors of six says less of either.
#[test]
fn a_value_of_several_actors_is_bounded_by_counts() {
    let others = (3..=6u8).map(|actor| hit(actor, actor, 1, Some(75), true));
    let told = |hits: Vec<IntelMatch>| {
        let dossier = dossier(hits.into_iter().chain(others.clone()).collect(), &[1], Vec::new());
        let assessment = assess(&dossier.assess_input(), &Weights::shipped().unwrap());
        let own = assessment.judgements[0].contributions.iter().find(|one| one.hypothesis == "Actor 1");
        own.map(|one| (one.likelihood_ratio, one.sharing.map(|sharing| (sharing.actors, sharing.of)))).unwrap()
    };
    assert_eq!(told(vec![hit(1, 1, 1, Some(75), true)]), (30.0, None));
    assert_eq!(told(vec![hit(1, 1, 1, Some(75), true), hit(1, 2, 2, Some(75), true)]), (3.0, Some((2, 6))));
    // What is said of another tenancy does not count.
    assert_eq!(told(vec![hit(1, 1, 1, Some(75), true), hit(1, 2, 2, Some(75), false)]), (30.0, None));
}

/// A campaign from address 1 in AS1, where nearly all other addresses of Actor 1 stand.
fn settled(hits: Vec<IntelMatch>) -> Dossier {
    let placement = |value: Option<&str>, actor: Option<&str>, addresses| Placement {
        kind: "asn".into(),
        value: value.map(str::to_owned),
        actor: actor.map(str::to_owned),
        addresses,
    };
    Dossier {
        placements: vec![
            placement(Some("AS1"), Some("Actor 1"), 9),
            placement(None, Some("Actor 1"), 1),
            placement(Some("AS2"), Some("Actor 2"), 10),
            placement(None, None, 500),
        ],
        settled: vec![Settled {
            campaign: "c-1".into(),
            kind: "asn".into(),
            value: "AS1".into(),
            address: "192.0.2.1".into(),
            at: "sha256:aa/mbox:1".into(),
        }],
        ..dossier(hits, &[1], Vec::new())
    }
}

/// Anybody can be a customer there, so it speaks for a framer as loudly, names nobody and is held planted by nobody.
#[test]
fn a_shared_network_weighs_by_counts_and_names_nobody() {
    let dossier = settled(Vec::new());
    let judgement = &assess(&dossier.assess_input(), &Weights::shipped().unwrap()).judgements[0];
    let told: Vec<_> = judgement.contributions.iter().map(|one| (&*one.hypothesis, one.likelihood_ratio)).collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|(_, ratio)| *ratio == told[0].1 && *ratio > 1.5), "{told:?}");
    assert_eq!((&*judgement.actor, judgement.planted.len(), judgement.evidence.len()), ("unattributed", 0, 0));
    let counts = judgement.contributions[0].counts.as_deref().unwrap();
    assert!(counts.starts_with("9 of 10 addresses"), "{counts}");
}

#[test]
fn what_lies_around_a_match_is_of_one_cause_with_it() {
    let alone = dossier(vec![hit(1, 1, 1, Some(75), true)], &[1], Vec::new());
    let around = settled(vec![hit(1, 1, 1, Some(75), true)]);
    let probability = |dossier: &Dossier| {
        let judgement = &assess(&dossier.assess_input(), &Weights::shipped().unwrap()).judgements[0];
        (judgement.contributions.len(), judgement.probability)
    };
    assert_eq!(probability(&around).1, probability(&alone).1);
    assert_eq!((probability(&alone).0, probability(&around).0), (1, 2));
}
