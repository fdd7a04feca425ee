//! Whether a record's chain of approvals was complete on a day. A step's `when` may itself ask
//! whether something is approved, so the question is guarded against asking for itself.

use super::Facts;
use crate::{
    approval::chain_for,
    archive::Record,
    diagnostic::Words,
    policy::{
        ApprovalRule, Step, Value,
        expression::{Budget, Stop},
    },
    source::RecordId,
};
use chrono::NaiveDate;
use std::{cell::RefCell, rc::Rc, sync::Arc};

/// Steps that the conditions of one chain, and of those that they ask for, may take together.
const STEPS: u64 = 200_000;

/// Chains that rest on one another to a greater depth are not followed.
const DEPTH: usize = 32;

/// The records whose chains are being asked for, the outermost first.
#[derive(Debug, Default)]
pub(super) struct ChainsAsked {
    records: RefCell<Vec<RecordId>>,
    budget: RefCell<Option<Rc<Budget>>>,
}

impl Facts<'_> {
    /// Whether every step whose `when` holds has a valid entry of that day or before. A type
    /// without a chain is approved by being there.
    pub(super) fn chain_complete(&self, record: &RecordId, day: NaiveDate) -> Result<bool, Stop> {
        self.note(record);
        let Some(rule) = self.approval_rule(self.known(record)?) else { return Ok(true) };
        let budget = self.ask(record)?;
        let complete = rule
            .steps
            .iter()
            .try_fold(true, |complete, step| Ok(complete && (self.stands(record, step, day) || !self.demanded(step, record, &budget)?)));
        self.asking.records.borrow_mut().pop();
        if self.asking.records.borrow().is_empty() {
            self.toil.set(self.toil.get() + budget.spent());
        }
        complete
    }

    /// The day of the last entry of its chain that stands; `None` where there is none.
    pub fn approved_since(&self, record: &RecordId) -> Option<NaiveDate> {
        self.touch_record(record);
        let rule = self.approval_rule(self.archive.record(record)?)?;
        let chain = self.approvals.of_record(record)?;
        rule.steps.iter().filter_map(|step| chain.step(&step.post)).map(|entry| self.archive.settings.day(entry.at)).max()
    }

    /// The chain that a record needs: that of the version of the policy by which it was judged.
    pub fn approval_rule(&self, record: &Record) -> Option<Arc<ApprovalRule>> {
        self.touch_record(&record.id);
        if let Some(chain) = self.approvals.of_record(&record.id) {
            return chain.rule.clone();
        }
        chain_for(&self.archive.policies, &record.record_type.as_ref()?.id, record.date.unwrap_or(self.today()))
    }

    fn stands(&self, record: &RecordId, step: &Step, day: NaiveDate) -> bool {
        let entry = self.approvals.of_record(record).and_then(|chain| chain.step(&step.post));
        entry.is_some_and(|entry| self.archive.settings.day(entry.at) <= day)
    }

    fn demanded(&self, step: &Step, record: &RecordId, budget: &Budget) -> Result<bool, Stop> {
        let Some(when) = &step.when else { return Ok(true) };
        Ok(when.evaluate(Some(record), &[], self, budget)? == Value::Bool(true))
    }

    /// Goes one question deeper; the outermost brings the budget for all.
    fn ask(&self, record: &RecordId) -> Result<Rc<Budget>, Stop> {
        let mut records = self.asking.records.borrow_mut();
        if records.contains(record) {
            let words = Words::new(
                format!("{record} 是否已批准取决于它自己是否已批准"),
                format!("whether {record} is approved rests on whether it is approved"),
            );
            return Err(Stop::Fault(0..0, words));
        }
        if records.len() >= DEPTH {
            return Err(Stop::Budget);
        }
        let mut budget = self.asking.budget.borrow_mut();
        if records.is_empty() {
            *budget = None;
        }
        records.push(record.clone());
        Ok(budget.get_or_insert_with(|| Rc::new(Budget::new(STEPS))).clone())
    }
}
