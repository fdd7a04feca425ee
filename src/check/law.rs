//! What binds on a day: the rules, duties and styles of the versions in force, by the type that they judge.

use crate::policy::{BlockKind, Duty, Judged, Policies, Policy, Rule, Style};
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
    pub builtin: Vec<Arc<Rule>>,
}

/// What judges the records of a type, or the archive.
#[derive(Debug, Default)]
pub(super) struct Binding {
    pub rules: Vec<Arc<Rule>>,
    pub duties: Vec<Arc<Duty>>,
    pub styles: Vec<Arc<Style>>,
}

impl Laws {
    pub fn new(policies: &Policies) -> Laws {
        let days: BTreeSet<NaiveDate> = policies.versions.iter().map(|version| version.effective).collect();
        let eras = days.into_iter().map(|day| (day, Law::of(policies.in_force(day)))).collect();
        Laws { eras, before: Law::default() }
    }

    /// The law by which a record of that day is judged.
    pub fn on(&self, day: NaiveDate) -> &Law {
        let after = self.eras.partition_point(|(from, _)| *from <= day);
        after.checked_sub(1).map_or(&self.before, |i| &self.eras[i].1)
    }
}

impl Law {
    fn of<'a>(policies: impl Iterator<Item = &'a Arc<Policy>>) -> Law {
        let mut law = Law::default();
        for block in policies.flat_map(|policy| &policy.blocks) {
            match &block.kind {
                BlockKind::Rule(rule) if rule.builtin.is_some() => law.builtin.push(rule.clone()),
                BlockKind::Rule(rule) => law.bind(&rule.judged, |binding| binding.rules.push(rule.clone())),
                BlockKind::Duty(duty) => law.bind(&duty.judged, |binding| binding.duties.push(duty.clone())),
                BlockKind::Style(style) => {
                    law.bind(&Judged::Types(style.judged.clone()), |binding| binding.styles.push(style.clone()));
                }
                _ => {}
            }
        }
        law
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

    pub fn of_archive(&self) -> &Binding {
        &self.archive
    }
}
