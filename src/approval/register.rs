//! The register of what was once approved: a line an approval, `ID sha256:HEX`, only ever added to, so that a record which is gone is
//! missed. Empty lines are passed over, and so are remarks: lines that begin with `#` and do not end in a seal.

use super::{Seal, Subject};
use crate::{
    archive::Archive,
    diagnostic::{Finding, Words},
    source::{REGISTER, RecordId, Room, SourceFile, Span},
};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What was approved, by the id of its record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registered {
    pub id: RecordId,
    pub seal: Seal,
    pub span: Span,
}

/// The lines of an archive's register, and a finding for each that cannot be read. Of equal lines the first counts.
pub fn register(archive: &Archive) -> (Vec<Registered>, Vec<Finding>) {
    let (mut registered, mut findings, mut met) = (Vec::new(), Vec::new(), BTreeSet::new());
    for file in archive.sources.in_room(Room::Register) {
        for (span, line) in lines(file) {
            match read(line) {
                Some((id, seal)) if met.insert((id.clone(), seal)) => registered.push(Registered { id, seal, span }),
                Some(_) => {}
                None if line.starts_with('#') => {}
                None => findings.push(unreadable(span)),
            }
        }
    }
    (registered, findings)
}

/// A line of the register.
pub fn register_line(id: &RecordId, seal: &Seal) -> String {
    format!("{id} {seal}")
}

/// For developers: the register of an archive as its approvals stand, with the lines of records that are gone.
pub fn register_anew(archive: &Archive, today: NaiveDate) -> String {
    let remarks = archive
        .sources
        .in_room(Room::Register)
        .flat_map(|file| file.text.lines())
        .filter(|line| line.starts_with('#') && read(line).is_none());
    let gone = register(archive).0.into_iter().filter(|row| archive.record(&row.id).is_none()).map(|row| (row.id, row.seal));
    let subjects = Subject::all(archive, today);
    let approved = subjects.iter().filter(|subject| subject.record.is_some() && subject.has_approvals());
    let rows: BTreeSet<(RecordId, Seal)> = approved.map(|subject| (subject.id.clone(), subject.seal(archive))).chain(gone).collect();
    let lines = remarks.map(str::to_owned).chain(rows.iter().map(|(id, seal)| register_line(id, seal)));
    lines.map(|line| line + "\n").collect()
}

/// The lines that are not empty, each with its place.
fn lines(file: &SourceFile) -> impl Iterator<Item = (Span, &str)> {
    let mut start = 0;
    let whole = file.text.split_inclusive('\n').map(move |whole| {
        let from = start;
        start += whole.len();
        (from, whole.trim_end())
    });
    whole.filter(|(_, line)| !line.trim().is_empty()).map(|(from, line)| (Span::new(file.id, from..from + line.len()), line))
}

/// An id may hold spaces: the seal is the last word.
fn read(line: &str) -> Option<(RecordId, Seal)> {
    let (id, seal) = line.trim().rsplit_once(' ')?;
    Some((RecordId::from(id.trim_end()), Seal::read(seal)?))
}

fn unreadable(span: Span) -> Finding {
    let message = Words::new("登记簿中这一行无法识读", "this line of the register cannot be read");
    let mut finding = Finding::error("approval.register", span, message);
    // How many lines stand before it is nobody's to know but who reads the folder's.
    finding.reads.records.insert(RecordId::from(REGISTER));
    finding.with_fix(Words::new(
        "恢复这一行原来的内容：编号、空格、sha256: 和 64 位十六进制数；登记簿只能由 chancery 添加",
        "restore the line as it was: an id, a space, sha256: and 64 hexadecimal digits; only chancery adds to the register",
    ))
}
