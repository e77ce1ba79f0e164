//! Ranks groups for the campaigns of an ATT&CK bundle whose attribution is hidden.
//!
//! `gzip -dc enterprise-attack.json.gz | attack_groups [apart]` prints a line of
//! JSON for each campaign that the bundle attributes: the rank and probability
//! of the right group by base rates, and its rank by Jaccard over techniques.
//! The campaign is not among those that `reuse` is learnt from. With `apart`,
//! relationships of groups are left out whose every reference the hidden
//! campaign has too, since ATT&CK's groups inherit from their campaigns.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use findings::assess::base_rates::{Known, Repertoires, Trait, reuse};
use serde_json::{Value, json};

type Names = BTreeSet<String>;

/// A relationship `uses` of a group or campaign, and what it cites.
struct Use {
    shown: Trait,
    cites: Names,
}

#[derive(Default)]
struct Bundle {
    names: BTreeMap<String, String>,
    groups: Names,
    uses: BTreeMap<String, Vec<Use>>,
    cites: BTreeMap<String, Names>,
    /// Campaign to groups.
    attributed: BTreeMap<String, Names>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let apart = std::env::args().nth(1).as_deref() == Some("apart");
    let bundle = Bundle::read(&serde_json::from_reader(io::stdin().lock())?);
    let worlds: BTreeMap<&String, Repertoires> =
        bundle.attributed.keys().map(|campaign| (campaign, bundle.repertoires(campaign, apart))).collect();
    let shown: BTreeMap<&String, BTreeSet<Trait>> =
        bundle.attributed.keys().map(|campaign| (campaign, bundle.shown(campaign))).collect();
    let mut out = io::stdout().lock();
    for (campaign, groups) in &bundle.attributed {
        let others = bundle.attributed.iter().filter(|(other, _)| *other != campaign);
        let known: Vec<Known<'_>> =
            others.map(|(other, actors)| Known { shown: &shown[other], actors, repertoires: &worlds[other] }).collect();
        let learnt = reuse(&known);
        let ranked = worlds[campaign].rank(&shown[campaign], &learnt);
        let rank = ranked.iter().position(|one| groups.contains(&one.actor)).map(|at| at + 1);
        let right: f64 = ranked.iter().filter(|one| groups.contains(&one.actor)).map(|one| one.probability).sum();
        let told = json!({
            "campaign": bundle.names.get(campaign), "traits": shown[campaign].len(), "groups": ranked.len(),
            "rank": rank, "first": ranked.first().and_then(|one| bundle.names.get(&one.actor)),
            "probability": ranked.first().map(|one| one.probability), "right": right, "reuse": learnt,
            "jaccard": bundle.jaccard(&shown[campaign], campaign, apart, groups),
        });
        writeln!(out, "{told}")?;
    }
    Ok(())
}

impl Bundle {
    fn read(json: &Value) -> Self {
        let mut bundle = Self::default();
        let objects = || json["objects"].as_array().into_iter().flatten().filter(|object| lives(object));
        for object in objects() {
            bundle.names.insert(text(object, "id"), text(object, "name"));
            bundle.cites.insert(text(object, "id"), citations(object));
            if object["type"] == "intrusion-set" {
                bundle.groups.insert(text(object, "id"));
            }
        }
        for relation in objects().filter(|object| object["type"] == "relationship") {
            bundle.relate(relation);
        }
        bundle
    }

    fn relate(&mut self, relation: &Value) {
        let (source, target) = (text(relation, "source_ref"), text(relation, "target_ref"));
        if !self.names.contains_key(&source) || !self.names.contains_key(&target) {
            return;
        }
        match relation["relationship_type"].as_str() {
            Some("attributed-to") if self.groups.contains(&target) => {
                self.attributed.entry(source).or_default().insert(target);
            }
            Some("uses") => {
                let kind = if target.starts_with("attack-pattern") { "technique" } else { "tool" };
                let shown = Trait { kind: kind.to_owned(), value: target };
                self.uses.entry(source).or_default().push(Use { shown, cites: citations(relation) });
            }
            _ => {}
        }
    }

    fn of(&self, id: &str) -> impl Iterator<Item = &Use> {
        self.uses.get(id).into_iter().flatten()
    }

    fn shown(&self, id: &str) -> BTreeSet<Trait> {
        self.of(id).map(|one| one.shown.clone()).collect()
    }

    /// What a group is known for, `apart` from what the campaign's own references say.
    fn known<'a>(&'a self, group: &'a str, campaign: &str, apart: bool) -> impl Iterator<Item = &'a Use> {
        let mut cites = self.cites.get(campaign).cloned().unwrap_or_default();
        cites.extend(self.of(campaign).flat_map(|one| one.cites.iter().cloned()));
        self.of(group).filter(move |one| !apart || one.cites.is_empty() || !one.cites.is_subset(&cites))
    }

    fn repertoires(&self, campaign: &str, apart: bool) -> Repertoires {
        let said = |group: &String| {
            let known = self.known(group, campaign, apart).map(|one| (group.clone(), one.shown.clone()));
            known.collect::<Vec<_>>()
        };
        Repertoires::new(self.groups.iter().flat_map(said))
    }

    /// Rank of the right group by the share of techniques that it and the campaign have in common.
    fn jaccard(&self, shown: &BTreeSet<Trait>, campaign: &str, apart: bool, right: &Names) -> Option<usize> {
        let techniques = |all: &mut dyn Iterator<Item = Trait>| -> BTreeSet<Trait> {
            all.filter(|one| one.kind == "technique").collect()
        };
        let own = techniques(&mut shown.iter().cloned());
        let score = |group: &String| {
            let known = techniques(&mut self.known(group, campaign, apart).map(|one| one.shown.clone()));
            let (common, all) = (own.intersection(&known).count(), own.union(&known).count());
            common as f64 / all.max(1) as f64
        };
        let mut ranked: Vec<(f64, &String)> = self.groups.iter().map(|group| (score(group), group)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        ranked.iter().position(|(_, group)| right.contains(*group)).map(|at| at + 1)
    }
}

fn lives(object: &Value) -> bool {
    object["revoked"] != true && object["x_mitre_deprecated"] != true
}

fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or("").to_owned()
}

/// Names of what an object cites, its own page left out.
fn citations(object: &Value) -> Names {
    let cited = object["external_references"].as_array().into_iter().flatten();
    cited.map(|one| text(one, "source_name")).filter(|name| name != "mitre-attack" && !name.is_empty()).collect()
}
