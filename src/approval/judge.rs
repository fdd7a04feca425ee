//! What is wrong with each approval. An entry is judged at its own time, by the posts of its own
//! day. A later entry of the same step takes the place of an earlier one: a document that was
//! changed and approved anew has no flaw.

use super::{
    AllowedSigners, Approvals, Chain, Entry, Remembered, Subject,
    chain::{Approvable, WrittenEntry, form},
    entries::{Content, CountedEntries},
    kept::{Judgement, Judgements, KeptJudgements, Tenures},
    moved, papers,
    register::{self, Register, Standing},
    signature::Unsigned,
    statement,
};
use crate::{
    archive::{Archive, Record, Tenure},
    diagnostic::{Finding, Reads, Words},
    policy::{ApprovalRule, Policy, Role, Status, Step, Value},
    source::{RecordId, Room, Span},
};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

impl Approvals {
    /// Judges every approval of an archive by the signers that the archive itself lists.
    pub fn judge(archive: &Archive, today: NaiveDate) -> Approvals {
        Approvals::judge_remembering(archive, today, &Remembered::default())
    }

    /// The same by what is remembered of the archive: what it no longer has of that is told.
    pub fn judge_remembering(archive: &Archive, today: NaiveDate, remembered: &Remembered) -> Approvals {
        let signers = AllowedSigners::of(archive);
        let mut approvals = Approvals::judge_by(archive, today, &signers, remembered);
        approvals.findings.extend(refused_lines(archive, &signers).into_iter().chain(approvals.register.lost()));
        approvals
    }

    /// Judges every approval of an archive by signers that are trusted otherwise, and by what is
    /// remembered of it.
    pub fn judge_by(archive: &Archive, today: NaiveDate, signers: &AllowedSigners, remembered: &Remembered) -> Approvals {
        let (register, unreadable) = Register::of(&archive.sources, remembered);
        let register = &register;
        let bench = Bench { archive, signers, register, today, tenures: Tenures::new() };
        let before = KeptJudgements::of(archive, signers, today);
        let known = |(at, record): (usize, &Arc<Record>)| before.as_ref()?.place(record, at, register);
        let known: Vec<Option<usize>> = archive.records.par_iter().enumerate().map(known).collect();
        let all = || archive.records.par_iter().zip(&known);
        let first: Judgements = all().map(|(record, known)| bench.first(record, before.as_deref().zip(*known))).collect();
        let bench = Bench { tenures: tenures(archive, &first), ..bench };
        let of_same_people = before.as_deref().filter(|before| before.tenures == bench.tenures);
        let last: Judgements =
            all().zip(&first).map(|((record, known), first)| bench.last(record, first, of_same_people.zip(*known))).collect();
        let policies = archive.policies.versions.iter().map(|policy| Approvable::of_policy(policy, &archive.policies));
        let (mut chains, mut findings) = (Vec::new(), Vec::new());
        for approvable in policies {
            let by_posts = bench.judge(&approvable);
            let (chain, flaws) = if bench.has_strangers(&by_posts.0) { bench.judge(&approvable) } else { by_posts };
            findings.extend(flaws);
            findings.extend(unregistered(&approvable, &chain, register));
            chains.push((approvable.subject, Arc::new(chain)));
        }
        let of_records = archive.records.iter().zip(&last);
        chains.extend(of_records.filter_map(|(record, judged)| Some(((&record.id).into(), judged.chain.clone()?))));
        let chains: BTreeMap<Subject, Arc<Chain>> = chains.into_iter().collect();
        findings.extend(last.iter().flat_map(|judged| &judged.findings).cloned());
        findings.extend(archive.policies.versions.iter().filter_map(|policy| bench.unapproved_policy(policy, &chains)));
        findings.extend(unreadable.iter().cloned());
        findings.extend(papers::findings(&archive.sources, register));
        if archive.sources.is_followed() {
            archive.sources.kept().keep(KeptJudgements {
                policies: archive.policies.clone(),
                settings: archive.settings.clone(),
                today,
                signers: signers.clone(),
                register: register.clone(),
                tenures: bench.tenures,
                records: archive.records.clone(),
                first,
                last,
            });
        }
        Approvals { chains, register: register.clone(), ended: remembered.ended.clone(), findings }
    }
}

/// What has its whole chain and no line in the register. A step with a condition may have no entry.
fn unregistered(approvable: &Approvable<'_>, chain: &Chain, register: &Register) -> Option<Finding> {
    let last = chain.entries.iter().rev().find(|entry| entry.valid).filter(|_| !register.knows(&approvable.subject))?;
    chain.is_whole().then(|| register::unseen(about(register::unregistered(last.span), approvable)))
}

/// The chain of one document, judged by other signers than the archive's.
pub(super) fn chain_by(
    archive: &Archive,
    today: NaiveDate,
    approvable: &Approvable<'_>,
    signers: &AllowedSigners,
    register: &Register,
) -> Chain {
    Bench { archive, signers, register, today, tenures: Tenures::new() }.judge(approvable).0
}

fn tenures(archive: &Archive, judged: &Judgements) -> Tenures {
    let Some(role) = archive.policies.role(Role::Person) else { return Tenures::new() };
    let of_person = |record: &Record| !record.is_twin() && record.record_type.as_ref().is_some_and(|own| own.id == role.id);
    let is_approved = |judged: &Judgement| judged.chain.as_ref().is_none_or(|chain| chain.rule.is_none() || chain.is_whole());
    let approved = archive.records.iter().zip(judged).filter(|(record, judged)| of_person(record) && is_approved(judged));
    approved.filter_map(|(record, _)| Some((record.id.clone(), Tenure::of(record)?))).collect()
}

fn refused_lines(archive: &Archive, signers: &AllowedSigners) -> Vec<Finding> {
    let Some(file) = archive.sources.in_room(Room::Signers).next() else { return Vec::new() };
    let lines = signers.refused.iter().map(|line| {
        let span = Span { file: file.id, start: line.bytes.start as u32, end: line.bytes.end as u32 };
        let message =
            Words::new(format!("这一行不能确认任何人的签名：{}", line.why.zh()), format!("this line lets nobody sign: {}", line.why));
        Finding::error("approval.signers", span, message).with_fix(Words::new(
            "改成 ssh-keygen 的 ALLOWED SIGNERS 格式，例如：zhao.min namespaces=\"chancery\" ssh-ed25519 AAAA…",
            "write it in the format of ssh-keygen's ALLOWED SIGNERS, as: zhao.min namespaces=\"chancery\" ssh-ed25519 AAAA…",
        ))
    });
    lines.collect()
}

struct Bench<'a> {
    archive: &'a Archive,
    signers: &'a AllowedSigners,
    register: &'a Register,
    today: NaiveDate,
    tenures: Tenures,
}

/// A flaw of an entry: its code, its place, what is wrong and what to do.
struct Flaw {
    code: &'static str,
    span: Span,
    message: Words,
    fix: Words,
}

impl Flaw {
    fn finding(self) -> Finding {
        Finding::error(self.code, self.span, self.message).with_fix(self.fix)
    }
}

impl Bench<'_> {
    /// What comes of a record by the posts alone, as far as it is not `known` from before.
    fn first(&self, record: &Arc<Record>, known: Option<(&KeptJudgements, usize)>) -> Arc<Judgement> {
        if let Some((before, at)) = known {
            return before.first[at].clone();
        }
        let approvable = Approvable::of_record(record, &self.archive.policies, self.today);
        let by_attachments = approvable.has_attachments();
        let (chain, findings) = self.judge(&approvable);
        let chain = (chain.rule.is_some() || !chain.entries.is_empty()).then(|| Arc::new(chain));
        Arc::new(Judgement { chain, findings, by_attachments })
    }

    /// The same by who was on staff too, with what else is to be told of it. `known`: judged when the
    /// same people were.
    fn last(&self, record: &Arc<Record>, first: &Arc<Judgement>, known: Option<(&KeptJudgements, usize)>) -> Arc<Judgement> {
        if let Some((before, at)) = known {
            return before.last[at].clone();
        }
        let Some(chain) = &first.chain else { return first.clone() };
        let approvable = Approvable::of_record(record, &self.archive.policies, self.today);
        let anew = self.has_strangers(chain).then(|| self.judge(&approvable)).map(|(chain, flaws)| (Arc::new(chain), flaws));
        let (mut chain, mut findings) = anew.unwrap_or_else(|| (chain.clone(), first.findings.clone()));
        // What bears another's id must not pass for approved under it.
        if record.is_twin() {
            let another = Words::new("这个编号是另一份文件的", "the id is another document's");
            Arc::make_mut(&mut chain).entries.iter_mut().for_each(|entry| {
                entry.valid = false;
                entry.void.push(another.clone());
            });
        } else {
            findings.extend(unregistered(&approvable, &chain, self.register));
            findings.extend(self.unapproved_person(&approvable, &chain));
        }
        Arc::new(Judgement { chain: Some(chain), findings, by_attachments: first.by_attachments })
    }

    /// Whether somebody has approved who was not on staff: then a chain is judged anew.
    fn has_strangers(&self, chain: &Chain) -> bool {
        chain.entries.iter().any(|entry| !self.was_on_staff(&entry.by, self.archive.settings.day(entry.at)))
    }

    fn judge(&self, approvable: &Approvable<'_>) -> (Chain, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut written: Vec<WrittenEntry> = Vec::new();
        for entry in self.read(approvable) {
            match entry {
                Ok(entry) => written.push(entry),
                Err(finding) => findings.push(*finding),
            }
        }
        let mut chain = Chain { rule: approvable.rule.clone(), ..Chain::default() };
        let mut moved = Vec::new();
        let known = self.register.approved(&approvable.subject);
        let (written, content) = (CountedEntries::new(written), Content::of(approvable, self.archive, known));
        for (place, entry) in written.iter().enumerate() {
            let flaws = self.flaws(approvable, &content, &written, place);
            chain.entries.push(Entry {
                step: entry.step.clone(),
                by: entry.by.clone(),
                at: entry.at,
                seal: entry.seal,
                span: entry.spans.entry,
                signed: flaws.iter().all(|flaw| flaw.code != "approval.unsigned"),
                valid: flaws.is_empty(),
                void: flaws.iter().map(|flaw| flaw.message.clone()).collect(),
            });
            if written.is_current(place) {
                let is_unsigned = flaws.iter().any(|flaw| flaw.code == "approval.unsigned");
                moved.extend(is_unsigned.then(|| moved::finding(approvable, entry, self.signers, self.register)).flatten());
                findings.extend(flaws.into_iter().map(Flaw::finding));
            }
        }
        if chain.entries.iter().any(|entry| entry.valid) {
            chain.attached = content.attached();
        }
        let own = findings.into_iter().map(|finding| about(finding, approvable));
        (chain, own.chain(moved.into_iter().map(|finding| resting_on_register(finding, approvable))).collect())
    }

    fn read(&self, approvable: &Approvable<'_>) -> Vec<Result<WrittenEntry, Box<Finding>>> {
        let Some(node) = approvable.approvals() else { return Vec::new() };
        let Some(entries) = node.list() else {
            return vec![Err(form(node.span, Words::new("approvals 须是一个列表", "`approvals` must be a list")))];
        };
        if !entries.is_empty() && approvable.subject.to_string().chars().any(char::is_control) {
            return vec![Err(form(
                node.span,
                Words::new("编号里有换行或控制字符，无法审批", "the id has line breaks or control characters; it cannot be approved"),
            ))];
        }
        entries.iter().map(|entry| WrittenEntry::read(entry, &self.archive.policies)).collect()
    }

    fn flaws(&self, approvable: &Approvable<'_>, content: &Content<'_>, written: &CountedEntries, place: usize) -> Vec<Flaw> {
        let entry = &written[place];
        let unsigned = self.unsigned(approvable, entry);
        let superseded = self.superseded(approvable, entry);
        // What nobody has signed is not held against the content, nor is what was succeeded:
        // whoever writes an entry, or puts an old text back, would have every attachment read.
        let is_held = unsigned.is_none() && (superseded.is_none() || content.attached() == 0);
        let stale = if is_held { stale(content, entry) } else { None };
        let (out_of_turn, superseded) = match &stale {
            Some(_) => (None, None),
            None => (self.out_of_turn(approvable, written, entry), superseded),
        };
        let flaws = [
            own_record(approvable, entry),
            self.same_person(written, place),
            out_of_turn,
            self.future(entry),
            self.early(approvable, entry),
            self.post_not_held(entry),
            stale,
            superseded,
            unsigned,
        ];
        flaws.into_iter().flatten().collect()
    }

    fn out_of_turn(&self, approvable: &Approvable<'_>, written: &CountedEntries, entry: &WrittenEntry) -> Option<Flaw> {
        let rule = approvable.rule.as_deref()?;
        let Some(turn) = rule.steps.iter().position(|step| step.post == entry.step) else {
            return Some(self.not_a_step(rule, entry));
        };
        let missing = rule.steps[..turn].iter().find(|step| !comes_before(step, written, entry))?;
        let post = self.label(&missing.post);
        let own = self.label(&entry.step);
        Some(Flaw {
            code: "approval.order",
            span: entry.spans.step,
            message: Words::new(format!("“{}”在“{}”之前审批", own.zh, post.zh), format!("{} approved before {} had", own.en, post.en)),
            fix: Words::new(format!("先由“{}”审批，再由“{}”审批", post.zh, own.zh), format!("{} approves first, then {}", post.en, own.en)),
        })
    }

    fn not_a_step(&self, rule: &ApprovalRule, entry: &WrittenEntry) -> Flaw {
        let labels: Vec<Words> = rule.steps.iter().map(|step| self.label(&step.post)).collect();
        let zh: Vec<&str> = labels.iter().map(|words| &*words.zh).collect();
        let en: Vec<&str> = labels.iter().map(|words| &*words.en).collect();
        Flaw {
            code: "approval.form",
            span: entry.spans.step,
            message: Words::new(
                format!("审批程序里没有“{}”这一步", entry.step_text),
                format!("the chain of approval has no step `{}`", entry.step_text),
            ),
            fix: Words::new(format!("审批依次为：{}", zh.join("、")), format!("the steps are, in order: {}", en.join(", "))),
        }
    }

    fn same_person(&self, written: &CountedEntries, place: usize) -> Option<Flaw> {
        let (entry, earlier) = (&written[place], written.other_step_by_the_same(place)?);
        let (before, now) = (self.label(&earlier.step), self.label(&entry.step));
        Some(Flaw {
            code: "approval.same-person",
            span: entry.spans.by,
            message: Words::new(
                format!("{} 已审批过“{}”这一步，不得再审批“{}”", entry.by, before.zh, now.zh),
                format!("{} has already approved as {} and may not approve as {} too", entry.by, before.en, now.en),
            ),
            fix: Words::new("两步由不同的人审批", "two people approve the two steps"),
        })
    }

    fn future(&self, entry: &WrittenEntry) -> Option<Flaw> {
        let day = self.archive.settings.day(entry.at);
        (day > self.today).then(|| Flaw {
            code: "approval.future",
            span: entry.spans.at,
            message: Words::new(
                format!("审批日期 {day} 晚于今天（{}）", self.today),
                format!("approved on {day}, which is after today ({})", self.today),
            ),
            fix: Words::new("到时再审批", "approve when the day has come"),
        })
    }

    /// What was not there yet was not approved.
    fn early(&self, approvable: &Approvable<'_>, entry: &WrittenEntry) -> Option<Flaw> {
        let field = approvable.rule.as_ref()?.not_before.as_ref()?;
        let written = match approvable.record?.value(field)? {
            Value::Date(day) => day,
            Value::Timestamp(at) => self.archive.settings.day(at),
            _ => return None,
        };
        let day = self.archive.settings.day(entry.at);
        (day < written).then(|| Flaw {
            code: "approval.early",
            span: entry.spans.at,
            message: Words::new(
                format!("审批日期 {day} 早于所批的文书（{field}：{written}）"),
                format!("approved on {day}, before there was anything to approve ({field}: {written})"),
            ),
            fix: Words::new("核对文书的日期；日期无误的，重新审批", "check the record's date; where it is right, approve anew"),
        })
    }

    fn post_not_held(&self, entry: &WrittenEntry) -> Option<Flaw> {
        let day = self.archive.settings.day(entry.at);
        let posts = &self.archive.policies.posts;
        let label = self.label(&entry.step);
        let on_staff = |holder: &&RecordId| self.was_on_staff(holder, day);
        let holders: Vec<&str> = posts.holders(&entry.step, day).filter(on_staff).map(|holder| &*holder.0).collect();
        let fix = if holders.is_empty() {
            Words::new(format!("先任命“{}”", label.zh), format!("appoint somebody {} first", label.en))
        } else {
            Words::new(
                format!("须由当日在任者（{}）审批", holders.join("、")),
                format!("whoever held it that day ({}) approves", holders.join(", ")),
            )
        };
        let message = if !self.was_on_staff(&entry.by, day) {
            Words::new(format!("{} 在 {day} 不是在职人员", entry.by), format!("{} was not on staff on {day}", entry.by))
        } else if !posts.holds(&entry.by, &entry.step, day) {
            Words::new(format!("{} 在 {day} 不任“{}”", entry.by, label.zh), format!("{} was not {} on {day}", entry.by, label.en))
        } else {
            return None;
        };
        Some(Flaw { code: "approval.post", span: entry.spans.by, message, fix })
    }

    fn was_on_staff(&self, person: &RecordId, day: NaiveDate) -> bool {
        self.tenures.get(person).is_none_or(|tenure| tenure.covers(day))
    }

    /// What was approved once, and is not what was approved last: an old signed text that somebody
    /// has put back.
    fn superseded(&self, approvable: &Approvable<'_>, entry: &WrittenEntry) -> Option<Flaw> {
        let seal = entry.seal?;
        match self.register.standing(&approvable.subject, &seal) {
            Standing::Conflict => Some(conflicting(entry.spans.seal)),
            Standing::Superseded => Some(superseded(entry.spans.seal)),
            Standing::Unregistered | Standing::InForce => {
                let last = self.register.approved(&approvable.subject)?;
                (last.seal != seal && entry.at < last.at).then(|| superseded(entry.spans.seal))
            }
        }
    }

    fn unsigned(&self, approvable: &Approvable<'_>, entry: &WrittenEntry) -> Option<Flaw> {
        let mut may_have_moved = None;
        let (span, message) = match (entry.seal, &entry.signature) {
            (None, _) => (entry.spans.seal, Words::new("审批没有封签", "this approval has no seal")),
            (_, None) => (entry.spans.signature, Words::new("审批没有签名", "this approval is not signed")),
            (Some(seal), Some(signature)) => {
                let is_of = |one: &Subject| {
                    let statement = statement(one, &entry.step_text, &entry.by, &entry.at_text, &seal);
                    self.signers.verify(signature, &statement, &entry.by, entry.at)
                };
                let as_written = || approvable.as_written().is_some_and(|written| is_of(&written).is_ok());
                let why = is_of(&approvable.subject).err().filter(|_| !as_written())?;
                may_have_moved = approvable.record.filter(|record| why == Unsigned::Other && moved::is_named_by_path(record));
                (entry.spans.signature, unsigned_words(why, &entry.by))
            }
        };
        let anew = || {
            Words::new(
                "用 chancery approve 和本人的密钥重新审批；密钥须列在 policies/allowed_signers 中",
                "approve anew with `chancery approve` and your own key, which must be listed in policies/allowed_signers",
            )
        };
        let fix = may_have_moved.map_or_else(anew, moved::remedy);
        Some(Flaw { code: "approval.unsigned", span, message, fix })
    }

    /// Tells of a policy that took effect, or was withdrawn, and was not approved by its chain
    /// before.
    fn unapproved_policy(&self, policy: &Policy, chains: &BTreeMap<Subject, Arc<Chain>>) -> Option<Finding> {
        let chain = policy.stands_on(self.today).then(|| chains.get(&Subject::of_policy(&policy.document))).flatten()?;
        let needed = chain.rule.as_ref()?.steps.iter().filter(|step| step.when.is_none());
        let in_time = |entry: &Entry| self.archive.settings.day(entry.at) <= policy.effective;
        let missing = needed.into_iter().find(|step| !chain.step(&step.post).is_some_and(in_time))?;
        let finding = Finding::error("policy.approved", status_span(policy), unapproved_words(policy, &self.label(&missing.post)));
        Some(finding.with_fix(Words::new(
            "由审批人审批，生效日期不早于审批之日；或将 status 改为 draft",
            "have it approved, with an effective date not before the approval, or set `status` to draft",
        )))
    }

    /// Tells of a person on staff whose record nobody has approved: what is wrong with approvals
    /// that it has is told of those.
    fn unapproved_person(&self, approvable: &Approvable<'_>, chain: &Chain) -> Option<Finding> {
        let role = self.archive.policies.role(Role::Person)?;
        let record = approvable.record.filter(|record| !record.is_twin() && approvable.record_type.is_some_and(|own| own.id == role.id))?;
        let is_on_staff = Tenure::of(record).is_some_and(|tenure| tenure.joined.is_some() && tenure.covers(self.today));
        let rule = chain.rule.as_ref().filter(|_| is_on_staff && chain.entries.iter().all(|entry| entry.valid))?;
        let missing = &rule.steps.iter().find(|step| step.when.is_none() && chain.step(&step.post).is_none())?.post;
        let (id, post) = (&record.id, self.label(missing));
        let message = Words::new(
            format!("{id} 的人员档案尚未经“{}”审批，本人不能登录内网", post.zh),
            format!("the record of {id} is not approved by {}: {id} cannot sign in to the intranet", post.en),
        );
        let fix = Words::new(
            format!("由“{}”在内网的待办中审批，或用 chancery approve {id} --step {missing} --key FILE", post.zh),
            format!(
                "have it approved by {}, in the inbox of the intranet or by chancery approve {id} --step {missing} --key FILE",
                post.en
            ),
        );
        let head = record.document.front.get("id").map_or_else(|| record.head(), |id| id.span);
        let finding = Finding { citation: Some(rule.citation.clone()), ..Finding::warning("approval.person", head, message) };
        Some(about(finding.with_fix(fix), approvable))
    }

    fn label(&self, post: &str) -> Words {
        self.archive.policies.posts.posts.get(post).map_or_else(|| Words::new(post, post), |post| post.label.clone())
    }
}

/// Whether a step has its entry not after another entry. A step with a condition may have none.
fn comes_before(step: &Step, written: &CountedEntries, entry: &WrittenEntry) -> bool {
    written.last_of(&step.post).map_or(step.when.is_some(), |earlier| earlier.at <= entry.at)
}

fn stale(content: &Content<'_>, entry: &WrittenEntry) -> Option<Flaw> {
    (!content.is_sealed_by(&entry.seal?)).then(|| Flaw {
        code: "approval.stale",
        span: entry.spans.seal,
        message: Words::new("审批之后内容有改动，这次审批不再有效", "the content was changed after this approval, which no longer counts"),
        fix: Words::new("恢复审批时的内容，或重新审批", "restore the content as it was approved, or have it approved again"),
    })
}

fn own_record(approvable: &Approvable<'_>, entry: &WrittenEntry) -> Option<Flaw> {
    (approvable.record?.author.as_ref() == Some(&entry.by)).then(|| Flaw {
        code: "approval.own-record",
        span: entry.spans.by,
        message: Words::new(format!("{} 审批了自己的记录", entry.by), format!("{} approved his or her own record", entry.by)),
        fix: Words::new("由他人审批", "somebody else approves it"),
    })
}

fn superseded(span: Span) -> Flaw {
    let message = Words::new(
        "登记簿表明，此后另有内容获得批准，这份内容不再有效",
        "by the register another content was approved after this one, which no longer counts",
    );
    let fix = Words::new(
        "恢复最后批准的内容；确要改回的，改动其中一处（例如日期）后重新审批",
        "restore what was approved last; to go back on purpose, change something in it (a date, say) and have it approved again",
    );
    Flaw { code: "approval.superseded", span, message, fix }
}

fn conflicting(span: Span) -> Flaw {
    let message = Words::new(
        "登记簿中这一编号有两份内容，互不接替，都不算批准",
        "the register has two contents of this id of which neither succeeds the other, so neither counts",
    );
    let fix = Words::new(
        "核对两份内容，留下正确的一份，改动其中一处（例如日期）后重新审批",
        "compare the two, keep the right one, change something in it (a date, say) and have it approved again",
    );
    Flaw { code: "approval.superseded", span, message, fix }
}

fn unsigned_words(why: Unsigned, by: &RecordId) -> Words {
    match why {
        Unsigned::Unreadable => Words::new("签名无法读取", "the signature cannot be read"),
        Unsigned::Other => Words::new("签名与这条审批不符", "the signature is not of this approval"),
        Unsigned::Untrusted => {
            Words::new(format!("签名所用的密钥当时不能代表 {by}"), format!("the signature's key may not sign for {by} at that time"))
        }
    }
}

/// A finding as one of its record, resting on it alone.
fn about(finding: Finding, approvable: &Approvable<'_>) -> Finding {
    let Some(record) = approvable.record else { return finding };
    let mut reads = Reads::default();
    reads.add_record(&record.id);
    reads.add_field(&record.id, "approvals");
    if &*finding.code == "approval.person" {
        ["joined", "left"].into_iter().for_each(|field| reads.add_field(&record.id, field));
    }
    if &*finding.code == "approval.early" {
        approvable.rule.as_ref().and_then(|rule| rule.not_before.as_ref()).into_iter().for_each(|field| reads.add_field(&record.id, field));
    }
    if &*finding.code == "approval.own-record" {
        let author = approvable.record_type.and_then(|t| t.author.clone()).unwrap_or_else(|| "author".into());
        reads.add_field(&record.id, &author);
    }
    Finding { reads, ..finding.of(&record.id) }
}

/// A finding of its record that rests on what the register says too.
fn resting_on_register(finding: Finding, approvable: &Approvable<'_>) -> Finding {
    register::unseen(about(finding, approvable))
}

fn unapproved_words(policy: &Policy, missing: &Words) -> Words {
    let (zh, en) = if policy.status == Status::Withdrawn { ("废止", "withdrawn") } else { ("起施行", "in effect") };
    let day = policy.effective;
    Words::new(
        format!("制度自 {day} {zh}，此前未经“{}”有效审批", missing.zh),
        format!("{en} from {day}, and not validly approved by {} before", missing.en),
    )
}

fn status_span(policy: &Policy) -> Span {
    policy.document.front.get("status").map_or(policy.document.front_span, |status| status.span)
}
