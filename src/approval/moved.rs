//! A record that has no id of its own and was moved: its id is its path, and the approvals in it
//! are of another. Tells of no more than the register and the signature prove.

use super::{
    AllowedSigners, Register, Subject,
    chain::{Approvable, WrittenEntry},
    statement,
};
use crate::{
    archive::Record,
    diagnostic::{Finding, Words},
};

/// Ids of one content that are tried: whoever adds lines to the register does not have a thousand
/// signatures verified.
const TRIED: usize = 16;

/// Whether the id of a record is its path for want of one of its own.
pub(super) fn is_named_by_path(record: &Record) -> bool {
    record.document.front.get("id").is_none_or(|node| node.is_blank())
}

/// What to do with an approval of another id, as far as the record alone tells.
pub(super) fn remedy(record: &Record) -> Words {
    let id = &record.named;
    Words::new(
        format!("这份档案没有写 id，编号就是它的路径“{id}”；文件移动或改名过的，移回原处，或由批准人以 chancery approve {id} 重新审批"),
        format!(
            "the record has no `id`, and its path “{id}” is its id; if the file was moved or renamed, move it back, or have it approved anew with chancery approve {id}"
        ),
    )
}

/// The finding that an approval is of the id that the record had where it lay before. It rests on
/// the register.
pub(super) fn finding(approvable: &Approvable<'_>, entry: &WrittenEntry, signers: &AllowedSigners, register: &Register) -> Option<Finding> {
    let (record, seal) = (approvable.record.filter(|record| is_named_by_path(record))?, entry.seal?);
    let signature = entry.signature.as_ref()?;
    let is_of = |before: &&Subject| {
        let statement = statement(before, &entry.step_text, &entry.by, &entry.at_text, &seal);
        signers.verify(signature, &statement, &entry.by, entry.at).is_ok()
    };
    let before = register.of_seal(&seal).filter(|one| **one != approvable.subject).take(TRIED).find(is_of)?;
    let (id, here) = (&record.named, &record.document.path);
    let message = Words::new(
        format!("这次审批批的是“{before}”：文件原来在 records/{before}.md，移到 {here} 后编号成了“{id}”"),
        format!("this approval is of “{before}”: the file lay at records/{before}.md, and has the id “{id}” since it was moved to {here}"),
    );
    let fix = Words::new(
        format!("移回 records/{before}.md；要留在这里的，由批准人以 chancery approve {id} 重新审批，并写明 id，以后移动就不影响审批"),
        format!(
            "move it back to records/{before}.md; if it is to stay here, give it an `id`, which no move changes, and have it approved anew with chancery approve"
        ),
    );
    Some(Finding::warning("approval.moved", entry.spans.signature, message).with_fix(fix))
}
