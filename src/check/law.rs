//! What binds on a day: the rules, duties and styles of the versions in force, by the type that they judge.

use crate::policy::{BlockKind, BlockPlace, Duty, Judged, Policies, Rule, Style};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The law of every era: from a day on which a version took effect to the next such day.
#[derive(Debug)]
pub(super) struct Laws {
    eras: Vec<(NaiveDate, Law)>,
    before: Law,
}

#[derive(Debug, Default)]
pub(super) struct Law {
    types: BTreeMap<Arc<str>, Binding>,
    archive: Binding,
    nothing: Binding,
    /// Rules that say which article demands what the program checks of itself.
    pub builtin: Vec<Bound<Rule>>,
}

/// What a block says, and which block that is.
#[derive(Debug)]
pub(super) struct Bound<T> {
    pub block: BlockPlace,
    pub law: Arc<T>,
}

/// What judges the records of a type, or the archive.
#[derive(Debug, Default)]
pub(super) struct Binding {
    pub rules: Vec<Bound<Rule>>,
    pub duties: Vec<Bound<Duty>>,
    pub styles: Vec<Bound<Style>>,
}

impl Laws {
    pub fn new(policies: &Policies) -> Laws {
        let days: BTreeSet<NaiveDate> = policies.versions.iter().map(|version| version.effective).collect();
        let eras = days.into_iter().map(|day| (day, Law::of(policies, day))).collect();
        Laws { eras, before: Law::default() }
    }

    /// Every rule about what is built in, of whatever day.
    pub fn builtin(&self) -> impl Iterator<Item = &Bound<Rule>> {
        self.eras.iter().flat_map(|(_, law)| &law.builtin)
    }

    /// The law by which a record of that day is judged.
    pub fn on(&self, day: NaiveDate) -> &Law {
        let after = self.eras.partition_point(|(from, _)| *from <= day);
        after.checked_sub(1).map_or(&self.before, |i| &self.eras[i].1)
    }
}

impl Law {
    fn of(policies: &Policies, day: NaiveDate) -> Law {
        let mut law = Law::default();
        for policy in policies.in_force(day) {
            policies.places(policy).zip(&policy.blocks).for_each(|(place, block)| law.add(place, &block.kind));
        }
        law
    }

    fn add(&mut self, block: BlockPlace, kind: &BlockKind) {
        match kind {
            BlockKind::Rule(rule) if rule.builtin.is_some() => self.builtin.push(Bound { block, law: rule.clone() }),
            BlockKind::Rule(rule) => self.bind(&rule.judged, |binding| binding.rules.push(Bound { block, law: rule.clone() })),
            BlockKind::Duty(duty) => self.bind(&duty.judged, |binding| binding.duties.push(Bound { block, law: duty.clone() })),
            BlockKind::Style(style) => {
                let judged = Judged::Types(style.judged.clone());
                self.bind(&judged, |binding| binding.styles.push(Bound { block, law: style.clone() }));
            }
            _ => {}
        }
    }

    fn bind(&mut self, judged: &Judged, add: impl Fn(&mut Binding)) {
        match judged {
            Judged::Archive => add(&mut self.archive),
            Judged::Types(types) => types.iter().for_each(|id| add(self.types.entry(id.clone()).or_default())),
        }
    }

    pub fn of_type(&self, record_type: &str) -> &Binding {
        self.types.get(record_type).unwrap_or(&self.nothing)
    }

    /// The built-in checks that an article demands of the records of a type, that article's block each.
    pub fn demanded_of(&self, record_type: &str) -> impl Iterator<Item = BlockPlace> {
        let speaks = move |rule: &&Bound<Rule>| match &rule.law.judged {
            Judged::Types(types) => types.iter().any(|judged| **judged == *record_type),
            Judged::Archive => false,
        };
        self.builtin.iter().filter(speaks).map(|rule| rule.block)
    }

    pub fn of_archive(&self) -> &Binding {
        &self.archive
    }
}
