//! Whom a server trusts. Its own list stands outside the archive. The archive's list counts as far as one of that list has signed it, and
//! whoever holds posts does so by a document that one of that list has signed: so nobody promotes himself by editing Markdown.

use super::{AllowedSigners, Approvals, Subject, chain_for, judge::chain_by, signature};
use crate::{
    archive::Archive,
    diagnostic::Words,
    policy::{BlockKind, Policy},
    source::{ArchivePath, Room},
};
use chrono::{NaiveDate, NaiveTime};

/// A document in force that may not be trusted, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Untrusted {
    pub path: ArchivePath,
    pub why: Words,
}

impl AllowedSigners {
    /// Those who are trusted outside an archive and, where one of them has signed `policies/allowed_signers`, those whom it lists.
    /// Its signature is `policies/allowed_signers.sig`, as `ssh-keygen -Y sign -n chancery-signers` makes it.
    pub fn trusting(archive: &Archive, trusted: &AllowedSigners, today: NaiveDate) -> AllowedSigners {
        let text = |room| archive.sources.in_room(room).next().map(|file| &file.text);
        let signed = text(Room::Signers).zip(text(Room::SignersSignature));
        let begun = today.and_time(NaiveTime::MIN).and_local_timezone(archive.settings.zone()).single();
        let counts = signed.zip(begun).is_some_and(|((list, signature), at)| signature::is_signed_by(list, signature, trusted, at));
        if counts { trusted.clone().and(AllowedSigners::of(archive)) } else { trusted.clone() }
    }
}

/// The policy documents in force that no trusted signature stands behind. Each needs its chain complete, with one approval at least; on
/// a day for which no chain was demanded, today's, for whoever writes a document chooses its day; and where there is none today either,
/// an approval by a key that is trusted outside the archive, as one needs that says who holds posts.
pub fn untrusted(archive: &Archive, approvals: &Approvals, trusted: &AllowedSigners, today: NaiveDate) -> Vec<Untrusted> {
    let stands = archive.policies.versions.iter().filter(|policy| policy.stands_on(today));
    let why = |policy: &Policy| {
        let unapproved = || approvals.findings.iter().find(|finding| of_policy(finding, policy)).map(|finding| finding.message.clone());
        let subject = Subject::of_policy(policy, &archive.policies);
        let signed = |chain: &super::Chain| chain.entries.iter().any(|entry| entry.valid);
        let todays = chain_for(&archive.policies, "policy", today).filter(|_| subject.rule.is_none());
        let given = |post: &str| approvals.chains.get(&subject.id).is_some_and(|chain| chain.step(post).is_some());
        let lacking = todays.iter().flat_map(|rule| &rule.steps).filter(|step| step.when.is_none()).find(|step| !given(&step.post));
        let holds_posts = policy.blocks.iter().any(|block| matches!(block.kind, BlockKind::Posts));
        let needs_outside = holds_posts || (subject.rule.is_none() && todays.is_none());
        if let Some(message) = unapproved() {
            return Some(message);
        }
        if lacking.is_some() || !approvals.chains.get(&subject.id).is_some_and(signed) {
            return Some(Words::new("没有可信密钥签署的有效批准", "no valid approval by a trusted key stands there"));
        }
        let outside = || signed(&chain_by(archive, today, &subject, trusted));
        (needs_outside && !outside()).then(|| {
            Words::new(
                "写明任职的制度，以及没有规定批准程序的制度，须由服务器自己信任的密钥（trusted_signers）批准",
                "what says who holds posts, or what no chain is demanded for, must be approved with a key that the server itself trusts (trusted_signers)",
            )
        })
    };
    stands.filter_map(|policy| why(policy).map(|why| Untrusted { path: policy.document.path.clone(), why })).collect()
}

fn of_policy(finding: &crate::diagnostic::Finding, policy: &Policy) -> bool {
    &*finding.code == "policy.approved" && finding.span.is_some_and(|span| span.file == policy.file)
}
