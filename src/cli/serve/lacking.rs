//! What the folder of state should hold, and does not: a clone of the documents has none of it, and
//! what was restored perhaps a part.

use super::{
    super::Workplace,
    trust::{KEY, TRUSTED},
};
use anyhow::bail;
use std::path::Path;

const ACCOUNTS: &str = "accounts.db";
const LOG: &str = "access-log.db";

/// What no document replaces, and what is to be said of it.
const PARTS: [(&str, [&str; 2]); 4] = [
    (TRUSTED, ["可信密钥的名单", "the keys that are trusted"]),
    (ACCOUNTS, ["账户，和服务器见过的批准", "accounts, and the approvals that the server has seen"]),
    (LOG, ["查阅记录", "the access log"]),
    (KEY, ["服务器签名的密钥", "the key with which the server signs"]),
];

/// The parts that are not there, looked for before anything is made anew.
pub(super) struct Lacking(Vec<(&'static str, [&'static str; 2])>);

impl Lacking {
    /// # Errors
    /// Where no keys are trusted: nothing can be served then.
    pub(super) fn in_folder(workplace: &Workplace, folder: &Path) -> anyhow::Result<Lacking> {
        let lacking = Lacking(PARTS.into_iter().filter(|(name, _)| !folder.join(name).exists()).collect());
        if !lacking.has(TRUSTED) {
            return Ok(lacking);
        }
        let words = [
            "没有可信的密钥，不能提供服务。状态文件夹 {folder} 里缺少：\n{parts}\n\
             这个档案库在别处用过的（git 克隆不带状态文件夹）：先把那里的状态文件夹整个放到这里，再启动。办法见 docs/backup.zh.md。\n\
             是新的，或者原来的已经找不回：把可以批准制度的人及其公钥写进 {list}，格式同 ssh-keygen 的 ALLOWED SIGNERS，例如\n  \
             lu.mingyuan namespaces=\"chancery\" ssh-ed25519 AAAA…\n\
             启动后账户须重新建立，查阅记录从头记起。只想看看：chancery serve --demo",
            "there is no trusted key, so nothing is served. The folder of state, {folder}, lacks:\n{parts}\n\
             Where this archive was served elsewhere (a git clone has no folder of state): first put that folder here, whole, and start again. See docs/backup.md.\n\
             Where it is new, or the folder is lost for good: name who may approve policies, with the public key, in {list}, in the format of ssh-keygen's ALLOWED SIGNERS, as\n  \
             lu.mingyuan namespaces=\"chancery\" ssh-ed25519 AAAA…\n\
             Accounts are then made anew, and the access log begins anew. Just to have a look: chancery serve --demo",
        ];
        let list = folder.join(TRUSTED).display().to_string();
        let said = workplace.say(words).replace("{folder}", &folder.display().to_string()).replace("{list}", &list);
        bail!("{}", said.replace("{parts}", &lacking.parts(workplace)))
    }

    /// What is told at the start, where the intranet was served before with what is gone. `served`:
    /// the store knows of it.
    pub(super) fn told(&self, workplace: &Workplace, folder: &Path, served: bool) -> Option<String> {
        if self.0.is_empty() || (self.has(LOG) && !served) {
            return None;
        }
        let words = [
            "以前在这里用过，而状态文件夹 {folder} 里缺少下列各项，都已从头另起：\n{parts}\n有备份的，请停下服务器，放回备份，再启动（docs/backup.zh.md）。",
            "This was served before, and the folder of state, {folder}, lacks what follows; each is begun anew:\n{parts}\nWhere there is a copy, stop the server, put the copy there, and start again (docs/backup.md).",
        ];
        Some(workplace.say(words).replace("{folder}", &folder.display().to_string()).replace("{parts}", &self.parts(workplace)))
    }

    fn has(&self, part: &str) -> bool {
        self.0.iter().any(|(name, _)| *name == part)
    }

    fn parts(&self, workplace: &Workplace) -> String {
        let line = |(name, what): &(&str, [&str; 2])| format!("  {name}  {}", workplace.say(*what));
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
