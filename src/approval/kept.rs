//! What was judged of the approvals of an archive before: a record that is as it was is judged anew
//! only where its seal is of attachments too, or where the register tells something else of it.

use super::{AllowedSigners, Chain, Register, Subject};
use crate::{
    archive::{Archive, Record, Settings, Tenure},
    diagnostic::Finding,
    policy::Policies,
    source::RecordId,
};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};

/// What came of the approvals of one record.
#[derive(Default, Debug)]
pub(super) struct Judgement {
    /// `None` where it needs none and has none.
    pub chain: Option<Arc<Chain>>,
    pub findings: Vec<Finding>,
    /// Whether it rests on files beside the record.
    pub by_attachments: bool,
}

/// The same of each record of an archive, in their order.
pub(super) type Judgements = Vec<Arc<Judgement>>;

/// From when to when each person is on staff, by a record that is approved wherever its type needs
/// it. Approved by whom is judged by the posts alone, or the judging would go in a circle. A record
/// that is not approved, or not there, takes no post from anybody: whoever may write one would undo
/// what others have approved.
pub(super) type Tenures = BTreeMap<RecordId, Tenure>;

/// What was judged last, and by what.
pub(super) struct KeptJudgements {
    pub policies: Arc<Policies>,
    pub settings: Settings,
    pub today: NaiveDate,
    pub signers: AllowedSigners,
    pub register: Arc<Register>,
    pub tenures: Tenures,
    pub records: Vec<Arc<Record>>,
    /// By the posts alone.
    pub first: Judgements,
    /// By who was on staff too.
    pub last: Judgements,
}

impl KeptJudgements {
    /// What is known for an archive that is read again, where it is judged by the same.
    pub fn of(archive: &Archive, signers: &AllowedSigners, today: NaiveDate) -> Option<Arc<KeptJudgements>> {
        let sources = &archive.sources;
        let before = sources.has_memory().then(|| sources.kept().last::<KeptJudgements>())??;
        let is_by_same = Arc::ptr_eq(&before.policies, &archive.policies)
            && before.settings == archive.settings
            && before.today == today
            && before.signers == *signers;
        is_by_same.then_some(before)
    }

    /// The place of a record that is as it was, and of whose approvals the register tells the same.
    /// `near`: where it may stand.
    pub fn place(&self, record: &Arc<Record>, near: usize, register: &Arc<Register>) -> Option<usize> {
        let at = record.place_among(&self.records, near)?;
        let (first, last) = (&self.first[at], &self.last[at]);
        let is_told_alike = || {
            // What was found may rest on what the register tells of others.
            let subject = Subject::from(&record.named);
            first.findings.is_empty() && last.findings.is_empty() && register.tells_like(&self.register, &subject)
        };
        let holds = !first.by_attachments && (Arc::ptr_eq(&self.register, register) || is_told_alike());
        holds.then_some(at)
    }
}
