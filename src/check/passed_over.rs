//! Files that look like records or policies and are read as neither: nobody would miss them
//! otherwise.

use crate::{
    approval::beside,
    archive::{Archive, LinkEnd, Record},
    diagnostic::{Finding, Words},
    policy::Value,
    source::{ArchivePath, REGISTER, meant_path},
};
use std::collections::BTreeSet;

pub(super) fn judge(archive: &Archive) -> Vec<Finding> {
    let mut passed_over = archive.sources.passed_over().peekable();
    if passed_over.peek().is_none() {
        return Vec::new();
    }
    let attached: BTreeSet<ArchivePath> = archive.records.iter().flat_map(|record| attached(record, archive)).collect();
    passed_over.filter(|path| !attached.contains(path)).filter_map(finding).collect()
}

/// What a record lists among its attachments, or leads to.
fn attached(record: &Record, archive: &Archive) -> Vec<ArchivePath> {
    let mut paths = Vec::new();
    if let Some(entry) = record.fields.get("attachments") {
        entry.each_value(&mut |value, _| {
            if let Value::Text(name) = value {
                paths.extend(beside(&record.document.path, name));
            }
        });
    }
    let links = record.document.body.links.iter().map(|link| archive.destination(&record.document, link));
    paths.extend(links.filter_map(|destination| if let LinkEnd::Attachment(path) = destination { Some(path) } else { None }));
    paths
}

fn finding(path: &ArchivePath) -> Option<Finding> {
    let meant = meant_path(&path.0)?;
    let message = Words::new(
        format!("文件“{path}”没有读入：档案是 records/ 中、制度是 policies/ 中以 .md 结尾的文件"),
        format!("the file “{path}” is not read: records are files in records/ that end in .md, policies those in policies/ itself"),
    );
    let fix = match path.0.starts_with("records/") {
        true => Words::new(
            format!("改名为“{meant}”；是附件的，列入所属档案的 attachments"),
            format!("rename it to “{meant}”; list it in the attachments of its record if it is one"),
        ),
        false => Words::new(
            format!("改名为“{meant}”；不是制度的，移到 policies/ 之外"),
            format!("rename it to “{meant}”; move it out of policies/ if it is no policy"),
        ),
    };
    let mut finding = Finding::without_place("document.passed-over", message).with_fix(fix);
    // Whose it is nobody has said: as with the register, it is told to whoever reads the folder
    // alone.
    finding.reads.add_path(&REGISTER.into());
    Some(finding)
}
