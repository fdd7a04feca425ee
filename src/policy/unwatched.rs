//! What nobody watches over: values of which no provision speaks though it speaks of others beside
//! them, kinds of records that no provision judges, articles without a block. A draft that adds a
//! grade should not leave it without a rule unseen.

use super::{Block, BlockKind, Cadence, FieldType, Policies, Policy, RecordType, field_type::Field};
use crate::source::Sources;
use chrono::NaiveDate;
use std::{collections::BTreeSet, sync::Arc};

/// Of the versions in force on a day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unwatched {
    pub values: BTreeSet<UnwatchedValue>,
    /// Types that no rule, duty, style or approval is for.
    pub types: BTreeSet<Arc<str>>,
    pub articles: BTreeSet<UnwatchedArticle>,
}

/// A value of an enumeration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnwatchedValue {
    pub record_type: Arc<str>,
    /// `grade`, `orders.state`.
    pub field: String,
    pub value: Arc<str>,
}

/// An article, of a policy, that has no block and does not say why.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnwatchedArticle {
    pub policy: Arc<str>,
    pub article: Arc<str>,
}

impl Unwatched {
    /// What a block with a mistake speaks of is not without a provision for that: it shows in its
    /// text.
    pub fn of(policies: &Policies, sources: &Sources, day: NaiveDate) -> Unwatched {
        let watch = Watch::of(policies, sources, day);
        let types = watch.blocks().filter_map(|block| if let BlockKind::Type(own) = &block.kind { Some(own) } else { None });
        let (mut values, mut unjudged) = (BTreeSet::new(), BTreeSet::new());
        for own in types {
            values.extend(watch.values(own));
            unjudged.extend((!watch.judges(own)).then(|| own.id.clone()));
        }
        let articles = watch.versions.iter().flat_map(|policy| watch.articles(policy)).collect();
        Unwatched { values, types: unjudged, articles }
    }

    /// What another did not have.
    pub fn beyond(&self, before: &Unwatched) -> Unwatched {
        fn new<T: Ord + Clone>(after: &BTreeSet<T>, before: &BTreeSet<T>) -> BTreeSet<T> {
            after.difference(before).cloned().collect()
        }
        Unwatched {
            values: new(&self.values, &before.values),
            types: new(&self.types, &before.types),
            articles: new(&self.articles, &before.articles),
        }
    }
}

/// The members of an enumeration.
type Members = Vec<Arc<str>>;

struct Watch<'p> {
    versions: Vec<&'p Arc<Policy>>,
    /// Each value of which a provision speaks, with the members of its enumeration.
    spoken: BTreeSet<(Members, Arc<str>)>,
    /// The texts of the blocks with a mistake.
    failing: Vec<&'p str>,
}

impl<'p> Watch<'p> {
    fn of(policies: &'p Policies, sources: &'p Sources, day: NaiveDate) -> Watch<'p> {
        let versions: Vec<&Arc<Policy>> = policies.in_force(day).collect();
        let failing = versions.iter().flat_map(|policy| &policy.failing).map(|failing| sources.slice(failing.span)).collect();
        let mut watch = Watch { versions, spoken: BTreeSet::new(), failing };
        let named = watch.blocks().flat_map(|block| block.kind.expressions()).flat_map(|expression| expression.choices());
        let named = named.map(|choice| (choice.of.to_vec(), choice.name.clone()));
        watch.spoken = named.chain(watch.blocks().flat_map(|block| by_cadence(block, policies))).collect();
        watch
    }

    fn blocks(&self) -> impl Iterator<Item = &'p Block> + use<'p> {
        self.versions.clone().into_iter().flat_map(|policy| &policy.blocks)
    }

    /// Whether a block with a mistake may be what is looked for.
    fn may_fail(&self, names: &[String]) -> bool {
        self.failing.iter().any(|text| names.iter().any(|name| text.contains(name.as_str())))
    }

    fn judges(&self, own: &RecordType) -> bool {
        let judges = |block: &Block| match block.kind {
            BlockKind::Rule(_) | BlockKind::Duty(_) | BlockKind::Style(_) | BlockKind::Approval(_) => block.kind.types().contains(&&own.id),
            _ => false,
        };
        self.blocks().any(judges) || self.may_fail(&[own.id.to_string()])
    }

    fn values(&self, own: &RecordType) -> Vec<UnwatchedValue> {
        let mut unspoken = Vec::new();
        for (field, members) in enumerations(&own.fields, "") {
            let speaks = |member: &Arc<str>| self.spoken.contains(&(members.clone(), member.clone()));
            if members.iter().any(speaks) {
                let may_fail = |member: &str| self.may_fail(&[format!("\"{member}\""), format!("'{member}'"), format!("{member}:")]);
                let none = members.iter().filter(|member| !speaks(member) && !may_fail(member));
                let told = |value: &Arc<str>| UnwatchedValue { record_type: own.id.clone(), field: field.clone(), value: value.clone() };
                unspoken.extend(none.map(told));
            }
        }
        unspoken
    }

    fn articles(&self, policy: &Policy) -> Vec<UnwatchedArticle> {
        let has = |key: &str| {
            policy.blocks.iter().any(|block| *block.citation.article == *key)
                || policy.failing.iter().any(|failing| *failing.citation.article == *key)
        };
        let citable = policy.articles.iter().filter(|article| article.is_citable);
        let alone = citable.filter(|article| !has(&article.key) && policy.why_unenforced(&article.key).is_none());
        alone.map(|article| UnwatchedArticle { policy: policy.id.clone(), article: article.key.clone() }).collect()
    }
}

/// The enumerations of fields, and of the columns of tables, each with its path.
fn enumerations(fields: &[Field], above: &str) -> Vec<(String, Members)> {
    let of_field = |field: &Field| {
        let path = format!("{above}{}", field.name);
        match field.field_type.element() {
            FieldType::Enumeration(members) => vec![(path, members.iter().map(|member| member.name.clone()).collect())],
            FieldType::Table(columns) => enumerations(columns, &format!("{path}.")),
            _ => Vec::new(),
        }
    };
    fields.iter().flat_map(of_field).collect()
}

/// The values by which a duty comes again.
fn by_cadence(block: &Block, policies: &Policies) -> Vec<(Members, Arc<str>)> {
    let BlockKind::Duty(duty) = &block.kind else { return Vec::new() };
    let super::DutyDue::Every { period: Cadence::By { field, periods }, .. } = &duty.due else { return Vec::new() };
    let types = duty.judged.types().iter().filter_map(|id| policies.record_type(id));
    let members = types.flat_map(|own| enumerations(&own.fields, "")).filter(|(path, _)| *path == **field);
    members.flat_map(|(_, members)| periods.keys().map(move |value| (members.clone(), value.clone()))).collect()
}
