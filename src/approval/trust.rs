//! Whom a server trusts. Its own list stands outside the archive. The archive's list counts as far
//! as one of that list has signed it, and whoever holds posts does so by a document that one of
//! that list has signed: so nobody promotes himself by editing Markdown.

use super::{
    AllowedSigners, Approvable, Approvals, Chain, Paper, Register, Standing, Subject, chain_for, judge::chain_by, paper_seal, signature,
};
use crate::{
    archive::Archive,
    diagnostic::Words,
    policy::{BlockKind, Policy},
    source::{ArchivePath, Room, Sources},
};
use chrono::NaiveDate;

/// A document in force that may not be trusted, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Untrusted {
    pub path: ArchivePath,
    pub why: Words,
}

impl AllowedSigners {
    /// Those who are trusted outside an archive and, where one of them has signed
    /// `policies/allowed_signers`, those whom it lists. Its signature is
    /// `policies/allowed_signers.sig`, as `ssh-keygen -Y sign -n chancery-signers` makes it. A list
    /// that another has succeeded in the register counts for nothing.
    pub fn trusting(archive: &Archive, trusted: &AllowedSigners, register: &Register, today: NaiveDate) -> AllowedSigners {
        let text = |room| archive.sources.in_room(room).next().map(|file| &file.text);
        let signed = text(Room::Signers).zip(text(Room::SignersSignature));
        let begun = archive.settings.begin(today);
        let is_last =
            |list| matches!(register.standing(&Paper::Signers.into(), &paper_seal(list)), Standing::Unregistered | Standing::InForce);
        let counts = signed
            .zip(begun)
            .is_some_and(|((list, signature), at)| is_last(list) && trusted.has_signed(signature::LIST_NAMESPACE, list, signature, at));
        let trusted = trusted.clone().for_archive(archive);
        if counts { trusted.and(AllowedSigners::of(archive)) } else { trusted }
    }
}

/// What may be said of the policy documents of an archive.
#[derive(Clone, Debug, Default)]
pub struct Weighed {
    /// Those that a trusted signature stands behind, of today and of days to come.
    pub trusted: Vec<ArchivePath>,
    /// Those in force that none stands behind.
    pub untrusted: Vec<Untrusted>,
    /// Those that the register knows, and in whose place stands what is not in force and nobody has
    /// approved.
    pub replaced: Vec<Untrusted>,
}

/// Weighs every policy document that is no draft. Each needs its chain complete, with one approval
/// at least; on a day for which no chain was demanded, today's, for whoever writes a document
/// chooses its day; and where there is none today either, an approval by a key that is trusted
/// outside the archive, as one needs that says who holds posts.
pub fn weigh(archive: &Archive, approvals: &Approvals, trusted: &AllowedSigners, today: NaiveDate) -> Weighed {
    let scales = Scales { archive, approvals, trusted, today };
    let mut weighed = Weighed::default();
    for policy in archive.policies.versions.iter().filter(|policy| policy.stands_on(NaiveDate::MAX)) {
        let path = policy.document.path.clone();
        match scales.lack(policy) {
            None => weighed.trusted.push(path),
            Some(why) if policy.stands_on(today) => weighed.untrusted.push(Untrusted { path, why }),
            Some(_) => {}
        }
    }
    weighed.replaced = scales.replaced(&weighed.untrusted);
    weighed
}

struct Scales<'a> {
    archive: &'a Archive,
    approvals: &'a Approvals,
    trusted: &'a AllowedSigners,
    today: NaiveDate,
}

impl Scales<'_> {
    /// The policy documents that the register knows, and in whose place stands what nobody has
    /// approved, be it a draft, no policy at all, or put off: without what was there, an older one
    /// would be in force again.
    fn replaced(&self, untrusted: &[Untrusted]) -> Vec<Untrusted> {
        let is_approved = |path: &ArchivePath| self.approvals.of(&Subject::Policy(path.clone())).is_some_and(is_signed);
        let replaced = registered_policies(&self.approvals.register).filter(|path| !is_approved(path)).cloned();
        let is_told = |path: &ArchivePath| untrusted.iter().any(|one| one.path == *path);
        let there = replaced.filter(|path| self.archive.sources.by_path(&path.0).is_some() && !is_told(path));
        let why = Words::new(
            "登记簿中有这份制度的批准，现有内容却不是批准过的；从备份恢复它，或重新送批准",
            "the register has an approval of it, and what stands there is nothing that was approved; restore it from a backup, or have it approved anew",
        );
        there.map(|path| Untrusted { path, why: why.clone() }).collect()
    }

    /// What a policy lacks to be trusted.
    fn lack(&self, policy: &Policy) -> Option<Words> {
        if let Some(finding) = self.approvals.findings.iter().find(|finding| of_policy(finding, policy)) {
            return Some(finding.message.clone());
        }
        let approvable = Approvable::of_policy(policy, &self.archive.policies);
        let todays = chain_for(&self.archive.policies, "policy", self.today).filter(|_| approvable.rule.is_none());
        let chain = self.approvals.of(&approvable.subject);
        let given = |post: &str| chain.is_some_and(|chain| chain.step(post).is_some());
        let is_complete = todays.iter().flat_map(|rule| &rule.steps).filter(|step| step.when.is_none()).all(|step| given(&step.post));
        if !is_complete || !chain.is_some_and(is_signed) {
            return Some(Words::new("没有可信密钥签署的有效批准", "no valid approval by a trusted key stands there"));
        }
        let holds_posts = policy.blocks.iter().any(|block| matches!(block.kind, BlockKind::Posts));
        let needs_outside = holds_posts || (approvable.rule.is_none() && todays.is_none());
        let outside = || is_signed(&chain_by(self.archive, self.today, &approvable, self.trusted, &self.approvals.register));
        (needs_outside && !outside()).then(|| {
            Words::new(
                "写明任职的制度，以及没有规定批准程序的制度，须由服务器自己信任的密钥（trusted_signers）批准",
                "what says who holds posts, or what no chain is demanded for, must be approved with a key that the server itself trusts (trusted_signers)",
            )
        })
    }
}

fn is_signed(chain: &Chain) -> bool {
    chain.entries.iter().any(|entry| entry.valid)
}

/// The policy documents of which the register has a line, and which are not there: without one that
/// narrowed something, an older one would be in force again. And the register, where it cannot be
/// read.
pub fn gone(sources: &Sources, register: &Register) -> Vec<Untrusted> {
    let gone = registered_policies(register).filter(|path| sources.by_path(&path.0).is_none()).cloned();
    let torn = sources.in_room(Room::Register).filter(|file| file.fault.is_some()).map(|file| Untrusted {
        path: file.path.clone(),
        why: Words::new(
            "登记簿读不出来，无从得知哪些内容已被接替；从备份恢复它",
            "the register cannot be read, so that nobody can tell what was succeeded; restore it from a backup",
        ),
    });
    let why = Words::new(
        "登记簿中有这份制度的批准，文件却不见了；从备份恢复它，要废止的另立 status: withdrawn 的版本并送批准",
        "the register has an approval of it, and the file is gone; restore it from a backup, or, to end it, issue a version with status: withdrawn and have that approved",
    );
    gone.map(|path| Untrusted { path, why: why.clone() }).chain(torn).collect()
}

/// The policy documents that the register knows.
fn registered_policies(register: &Register) -> impl Iterator<Item = &ArchivePath> {
    register.subjects().filter_map(|subject| match subject {
        Subject::Policy(path) => Some(path),
        Subject::Paper(_) | Subject::Record(_) => None,
    })
}

fn of_policy(finding: &crate::diagnostic::Finding, policy: &Policy) -> bool {
    &*finding.code == "policy.approved" && finding.span.is_some_and(|span| span.file == policy.file)
}
