//! What binds on a day: the rules, duties and styles of the versions in force, by the type that
//! they judge.

use crate::policy::{BlockKind, BlockPlace, Duty, Judged, Policies, Policy, Rule, Status, Style};
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
    /// Every version that ever bound, each as long as it did.
    all: Law,
}

#[derive(Debug, Default)]
pub(super) struct Law {
    types: BTreeMap<Arc<str>, Binding>,
    archive: Binding,
    nothing: Binding,
    /// Rules that say which article demands what the program checks of itself.
    pub builtin: Vec<Bound<Rule>>,
}

/// What a block says, which block that is, and how long it binds.
#[derive(Debug)]
pub(super) struct Bound<T> {
    pub block: BlockPlace,
    pub law: Arc<T>,
    pub validity: Validity,
}

/// How long a version of a policy binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Validity {
    /// The day on which the first version of the policy took effect.
    pub first: NaiveDate,
    pub from: NaiveDate,
    /// The day on which another version took its place; `None` while none has.
    pub until: Option<NaiveDate>,
}

impl Validity {
    /// That of what binds a record by its own date, whatever came later.
    pub const UNENDING: Validity = Validity { first: NaiveDate::MIN, from: NaiveDate::MIN, until: None };

    pub fn covers(self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The last day.
    pub fn last(self) -> Option<NaiveDate> {
        self.until.and_then(|until| until.pred_opt())
    }

    /// The day on which it took the place of another version: nothing falls due by it before.
    pub fn taken_up(self) -> NaiveDate {
        if self.from > self.first { self.from } else { NaiveDate::MIN }
    }

    /// For each version, in the order of [`Policies::versions`].
    fn of_all(policies: &Policies) -> Vec<Validity> {
        let of = |policy: &Policy| {
            let own = policies.versions.iter().filter(|other| other.id == policy.id && other.status != Status::Draft);
            let days: Vec<NaiveDate> = own.map(|other| other.effective).collect();
            let first = days.iter().min().copied().unwrap_or(policy.effective);
            Validity { first, from: policy.effective, until: days.into_iter().filter(|day| *day > policy.effective).min() }
        };
        policies.versions.iter().map(|policy| of(policy)).collect()
    }
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
        let validities = Validity::of_all(policies);
        let eras = days.into_iter().map(|day| (day, Law::of(policies, policies.in_force(day), &validities))).collect();
        let binding = policies.versions.iter().filter(|policy| !matches!(policy.status, Status::Draft | Status::Withdrawn));
        Laws { eras, before: Law::default(), all: Law::of(policies, binding, &validities) }
    }

    /// Every rule about what is built in, of whatever day.
    pub fn builtin(&self) -> impl Iterator<Item = &Bound<Rule>> {
        self.eras.iter().flat_map(|(_, law)| &law.builtin)
    }

    /// What ever bound: for what is judged of another day than the record's own.
    pub fn ever(&self) -> &Law {
        &self.all
    }

    /// The law by which a record of that day is judged.
    pub fn on(&self, day: NaiveDate) -> &Law {
        let after = self.eras.partition_point(|(from, _)| *from <= day);
        after.checked_sub(1).map_or(&self.before, |i| &self.eras[i].1)
    }
}

impl Law {
    fn of<'p>(policies: &Policies, binding: impl Iterator<Item = &'p Arc<Policy>>, validities: &[Validity]) -> Law {
        let mut law = Law::default();
        for policy in binding {
            for (place, block) in policies.places(policy).zip(&policy.blocks) {
                law.add(place, &block.kind, validities[place.version()]);
            }
        }
        law
    }

    fn add(&mut self, block: BlockPlace, kind: &BlockKind, validity: Validity) {
        match kind {
            BlockKind::Rule(rule) if rule.builtin.is_some() => self.builtin.push(Bound { block, law: rule.clone(), validity }),
            BlockKind::Rule(rule) => self.bind(&rule.judged, |binding| binding.rules.push(Bound { block, law: rule.clone(), validity })),
            BlockKind::Duty(duty) => self.bind(&duty.judged, |binding| binding.duties.push(Bound { block, law: duty.clone(), validity })),
            BlockKind::Style(style) => {
                let judged = Judged::Types(style.judged.clone());
                self.bind(&judged, |binding| binding.styles.push(Bound { block, law: style.clone(), validity }));
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

    /// The built-in checks that an article demands of the records of a type, that article's block
    /// each.
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
