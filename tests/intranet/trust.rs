//! What an archive says counts on a server as far as somebody whom the server trusts has signed it;
//! and it counts at the next request.

use crate::support::{self, DEMO_KEY, Shipped, demo_key, intranet::Running};
use chancery::{
    approval::{self, AllowedSigners},
    server::Trust,
    store::{Audit, SqliteAudit, Wait},
};
use ssh_key::private::Ed25519Keypair;
use std::fs;

fn trusting(list: &str) -> Trust {
    Trust::Signers(AllowedSigners::parse(list, chancery::archive::Zone::read("+08:00").unwrap()))
}

/// The shipped archive as a server has it that trusts the demonstration's key from outside.
fn served(shipped: &Shipped) -> Running {
    let list = shipped.read("policies/allowed_signers");
    Running::trusting(shipped.folder.path(), trusting(&list))
}

/// A key of somebody's own, and where it lies.
fn own_key(shipped: &Shipped) -> (approval::PrivateKey, String) {
    let own = approval::PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32]));
    let path = shipped.path("own_key");
    fs::write(&path, own.to_openssh(ssh_key::LineEnding::LF).unwrap().as_bytes()).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    (own, path.to_str().unwrap().to_owned())
}

fn status(running: &Running, who: &str, address: &str) -> u16 {
    running.sign_in(who).get(address).status()
}

#[test]
fn nobody_promotes_himself_by_editing_a_policy() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 200);
    shipped.edit("policies/organisation.md", "{person: lu.mingyuan, from: 2015-01-05}", "{person: tian.shuisheng, from: 2015-01-05}");
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 200, "nor does he take anything from anybody");
    // Nor by one of his own, nor by taking one away.
    shipped.write(
        "policies/mine.md",
        "---\npolicy: mine\ntitle: 我的\nstatus: in-force\neffective: 2024-01-01\nowner: office\n---\n## 第1条\n\n```yaml access\nfor: customer\nreaders: [everyone]\n```\n",
    );
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    shipped.remove("policies/confidentiality.md");
    shipped.remove("policies/records.md");
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 200);
}

const ACCESS: &str = "\n## 第1条\n\n```yaml access\nfor: customer\nreaders: [everyone]\n```\n";

fn opening(front: &str) -> String {
    format!("---\npolicy: mine\ntitle: 我的\nowner: office\n{front}---\n{ACCESS}")
}

#[test]
fn a_policy_that_begins_tomorrow_without_approval_does_not_begin() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    let promoted = shipped.read("policies/organisation.md").replace("effective: 2024-03-01", "effective: 2026-11-17");
    let promoted = promoted.replace("{person: lu.mingyuan, from: 2015-01-05}", "{person: tian.shuisheng, from: 2015-01-05}");
    shipped.write("policies/zz.md", &promoted);
    shipped.write("policies/mine.md", &opening("status: in-force\neffective: 2026-11-17\n"));
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    *running.day.lock().unwrap() = support::intranet::day("2026-11-17");
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 200);
}

#[test]
fn a_policy_is_not_taken_out_of_force_by_what_nobody_approved() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    let texts = ["confidentiality", "records"].map(|name| (format!("policies/{name}.md"), shipped.read(&format!("policies/{name}.md"))));
    for change in [
        |text: &str| text.replacen("status: in-force", "status: draft", 1),
        |text: &str| text.replacen("effective: 2024", "effective: 2099", 1),
        |_: &str| String::new(),
    ] {
        for (path, text) in &texts {
            shipped.write(path, &change(text));
        }
        assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 200);
        assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
        assert!(
            !running.sign_in("tian.shuisheng").get("/people/lu.mingyuan/").text().contains("188 0572 9261"),
            "what was hidden stays so"
        );
    }
}

/// What nobody has approved is not worked out, so that whoever may write a file cannot stop the
/// server by what it would cost.
#[test]
fn a_policy_that_nobody_approved_costs_nothing() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    let rule = |i: usize| {
        format!(
            "```yaml rule\nid: r{i}\nfor: archive\neach: {{a: records(\"visit\"), b: records(\"visit\")}}\nrequire: records(\"visit\").filter(v, v.date == b.date).size() >= 0 && a.id != b.id\nsay: {{zh: 慢, en: slow}}\n```\n"
        )
    };
    let rules: String = (0..30).map(rule).collect();
    let policy = |status: &str| {
        format!("---\npolicy: slow\ntitle: 慢\nstatus: {status}\neffective: 2024-01-01\nowner: office\n---\n## 第1条\n\n{rules}")
    };
    for state in ["in-force", "trial"] {
        shipped.write("policies/slow.md", &policy(state));
        let before = std::time::Instant::now();
        assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 200);
        assert!(before.elapsed() < std::time::Duration::from_secs(30), "{:?}", before.elapsed());
    }
}

/// One file that nobody approved does not keep what was approved from taking effect.
#[test]
fn what_is_approved_takes_effect_whatever_lies_beside_it() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    shipped.write("policies/mine.md", &opening("status: in-force\neffective: 2024-01-01\n"));
    let path = "policies/organisation.md";
    shipped.edit(path, "{person: lu.mingyuan, from: 2015-01-05}", "{person: lu.mingyuan, from: 2015-01-05, until: 2026-11-15}");
    shipped.sign();
    assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 404, "his post has ended");
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
}

/// Two servers of one archive: the second looks at it when what the first could trust has been
/// changed without approval.
#[test]
fn what_one_server_could_trust_another_goes_by() {
    let shipped = Shipped::copy();
    let one = served(&shipped);
    let other = one.second(shipped.folder.path(), trusting(&shipped.read("policies/allowed_signers")));
    assert_eq!(status(&other, "lu.mingyuan", "/records/C-0004/"), 200);
    let path = "policies/organisation.md";
    shipped.edit(path, "{person: lu.mingyuan, from: 2015-01-05}", "{person: lu.mingyuan, from: 2015-01-05, until: 2026-11-15}");
    shipped.sign();
    assert_eq!(status(&one, "lu.mingyuan", "/records/C-0004/"), 404, "the post has ended");
    shipped.edit(path, "from: 2015-01-05, until: 2026-11-15}", "from: 2015-01-05}");
    assert_eq!(status(&other, "lu.mingyuan", "/records/C-0004/"), 404, "and nobody gives it back");
    assert_eq!(status(&one, "lu.mingyuan", "/records/C-0004/"), 404);
}

/// A policy that says it is older than the first chain of approvals, signed by somebody who may
/// sign something.
#[test]
fn a_policy_does_not_choose_a_day_on_which_nothing_needed_approval() {
    let shipped = Shipped::copy();
    let (own, key) = own_key(&shipped);
    let trusted = shipped.read("policies/allowed_signers");
    let running = Running::trusting(
        shipped.folder.path(),
        trusting(&format!("{trusted}meng.fanshu namespaces=\"chancery\" {}\n", own.public_key().to_openssh().unwrap())),
    );
    shipped.write("policies/mine.md", &opening("status: in-force\neffective: 1990-01-01\n"));
    let arguments = ["approve", "policies/mine", "--step", "office", "--by", "meng.fanshu", "--key", &key];
    shipped.prints(0, &arguments);
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
}

/// The id of a policy over a record: the policy's approvals are not the record's.
#[test]
fn a_record_that_bears_a_policys_id_is_not_approved_by_its_chain() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    for (path, id) in [("records/own/x.md", "id: policies/records\n"), ("records/policies/records.md", "")] {
        shipped.write(
            path,
            &format!("---\ntype: authorisation\n{id}readers: [tian.shuisheng]\ncovers: [C-0004]\npurpose: 好奇\nfrom: 2026-01-01\nuntil: 2027-01-01\nmay_export: no\nauthor: meng.fanshu\n---\n"),
        );
        assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404, "{path}");
    }
}

#[test]
fn an_archive_whose_policies_nobody_trusted_is_not_served() {
    let shipped = Shipped::copy();
    shipped.edit("policies/organisation.md", "{person: lu.mingyuan, from: 2015-01-05}", "{person: tian.shuisheng, from: 2015-01-05}");
    let state = shipped.path(".chancery");
    fs::create_dir_all(&state).unwrap();
    let serve = |expected: &str| {
        let output = shipped.run(&["serve", "--listen", "127.0.0.1:0", "--on", "2026-11-16"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    serve("没有可信的密钥");
    fs::copy(shipped.path("policies/allowed_signers"), state.join("trusted_signers")).unwrap();
    serve("policies/organisation.md");
    fs::write(state.join("trusted_signers"), "* ssh-ed25519 AAAA\n").unwrap();
    serve("trusted_signers");
}

/// Whoever may sign something, for himself, signs the policy that makes him general manager.
#[test]
fn a_key_that_the_archive_lists_does_not_make_its_holder_a_manager() {
    let shipped = Shipped::copy();
    let (own, key) = own_key(&shipped);
    let trusted = shipped.read("policies/allowed_signers");
    let list = format!("{trusted}tian.shuisheng namespaces=\"chancery\" {}\n", own.public_key().to_openssh().unwrap());
    shipped.write("policies/allowed_signers", &list);
    shipped.write("policies/allowed_signers.sig", &approval::Paper::Signers.sign(&list, &demo_key()).unwrap());
    let running = Running::trusting(shipped.folder.path(), trusting(&trusted));
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    shipped.edit("policies/organisation.md", "{person: lu.mingyuan, from: 2015-01-05}", "{person: tian.shuisheng, from: 2019-06-10}");
    shipped.prints(0, &["approve", "policies/organisation", "--step", "general-manager", "--by", "tian.shuisheng", "--key", &key]);
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    assert_eq!(status(&running, "lu.mingyuan", "/records/C-0004/"), 200);
}

/// The list in the archive lets a key sign for the manager only as long as somebody trusted has
/// signed the list.
#[test]
fn a_list_of_signers_counts_as_it_was_signed() {
    let shipped = Shipped::copy();
    let (own, key) = own_key(&shipped);
    let trusted = shipped.read("policies/allowed_signers");
    let list = format!("{trusted}lu.mingyuan namespaces=\"chancery\" {}\n", own.public_key().to_openssh().unwrap());
    shipped.write("policies/allowed_signers", &list);
    let running = Running::trusting(shipped.folder.path(), trusting(&trusted));
    shipped.write(
        "records/authorisations/own.md",
        "---\ntype: authorisation\nid: AU-own\nreaders: [tian.shuisheng]\ncovers: [C-0004]\npurpose: 走访\nfrom: 2026-11-01\nuntil: 2026-12-01\nmay_export: no\nauthor: tian.shuisheng\n---\n",
    );
    shipped.prints(0, &["approve", "AU-own", "--step", "general-manager", "--key", &key]);
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404);
    shipped.prints(0, &["approve", "policies/allowed_signers", "--key", DEMO_KEY]);
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 200, "signed: at the next request");
    shipped.write("policies/allowed_signers", &format!("{list}# one word more\n"));
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 200, "another list, which nobody has signed, changes nothing");
    shipped.write("policies/allowed_signers", &trusted);
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 200, "nor does one that takes something away");
    shipped.prints(0, &["approve", "policies/allowed_signers", "--key", DEMO_KEY]);
    assert_eq!(status(&running, "tian.shuisheng", "/records/C-0004/"), 404, "signed: at the next request");
}

#[test]
fn the_signature_over_the_list_is_one_of_openssh() {
    let shipped = Shipped::copy();
    let key = shipped.path("key");
    fs::copy(DEMO_KEY, &key).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let list = shipped.path("policies/allowed_signers");
    let sign = ["-Y", "sign", "-f", key.to_str().unwrap(), "-n", "chancery-signers", list.to_str().unwrap()];
    assert!(std::process::Command::new("ssh-keygen").args(sign).output().unwrap().status.success());
    let ours = approval::Paper::Signers.sign(&shipped.read("policies/allowed_signers"), &demo_key()).unwrap();
    assert_eq!(shipped.read("policies/allowed_signers.sig"), ours);
}

/// The zone decides what day it is, the name heads every page: both count as somebody trusted has
/// signed them.
#[test]
fn settings_count_as_they_were_signed_and_old_ones_do_not_come_back() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    let shows = |name: &str| running.ask("GET", "/sign-in", "", "").text().contains(name);
    let (first, first_signature) = (shipped.read("chancery.yaml"), shipped.read("chancery.yaml.sig"));
    assert!(shows("越岭泵阀集团档案室"));
    let renamed = first.replace("越岭泵阀集团档案室", "冒名档案室");
    shipped.write("chancery.yaml", &renamed);
    assert!(!shows("冒名档案室") && shows("越岭泵阀集团档案室"), "nobody has signed that");
    let (_, own) = own_key(&shipped);
    shipped.prints(0, &["approve", "chancery.yaml", "--key", &own]);
    assert!(!shows("冒名档案室") && shows("越岭泵阀集团档案室"), "nobody who is trusted has");
    shipped.remove("chancery.yaml");
    assert!(shows("越岭泵阀集团档案室"), "nor does it go by going");
    shipped.write("chancery.yaml", "theme: ../.chancery/keys\n");
    assert!(shows("越岭泵阀集团档案室") && running.sign_in("lu.mingyuan").get("/").status() == 200);
    shipped.write("chancery.yaml", &first.replace("越岭泵阀集团档案室", "越岭档案室"));
    shipped.prints(0, &["approve", "chancery.yaml", "--key", DEMO_KEY]);
    assert!(shows("越岭档案室"), "signed: at the next request");
    shipped.write("chancery.yaml", &first);
    shipped.write("chancery.yaml.sig", &first_signature);
    assert!(shows("越岭档案室") && !shows("越岭泵阀集团档案室"), "what was signed before does not come back");
    let said = shipped.run(&["approve", "chancery.yaml", "--key", DEMO_KEY]);
    assert_eq!(said.status.code(), Some(2), "nor is it signed again");
}

/// A department and a superior of one's own making open nothing.
#[test]
fn what_nobody_approved_in_a_persons_record_opens_nothing() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    let reader = running.sign_in("tian.shuisheng");
    let (note, path) = ("/types/market-note/", "records/people/tian.shuisheng.md");
    let notes = |text: &str| text.matches("/records/MN-").count();
    assert_eq!((reader.get("/").status(), notes(&reader.get(note).text())), (200, 0));
    let text = shipped.read(path);
    let department = text.split("department: ").nth(1).unwrap().split([',', '}']).next().unwrap();
    shipped.write(path, &text.replace(&format!("department: {department}"), "department: sales"));
    assert_eq!(notes(&reader.get(note).text()), 0);
    assert!(reader.get("/people/").text().contains("/people/lu.mingyuan/"), "the record counts as it was approved last");
    shipped.write(path, &text.replace("phone: ", "phone: 1"));
    assert!(reader.get("/people/").text().contains("/people/lu.mingyuan/"), "a telephone number needs no approval");
}

#[test]
fn every_change_takes_effect_at_the_next_request_and_open_pages_ask() {
    let shipped = Shipped::copy();
    let running = Running::start(shipped.folder.path());
    let owner = running.sign_in("zhong.nan");
    let other = running.sign_in("tian.shuisheng");
    let live = |reader: &support::intranet::Signed<'_>| reader.get("/live").text();
    let page = owner.get("/records/C-0004/").text();
    let seen = live(&owner);
    assert!(seen.len() == 32 && page.contains(&format!("data-live=\"{seen}\"")), "{seen}");
    let others = live(&other);
    let path = "records/customers/C-0004.md";
    let text = shipped.read(path);
    // Of the same length, within the same tick of the clock.
    shipped.write(path, &text.replace("青石岭", "白石岭"));
    assert!(owner.get("/records/C-0004/").text().contains("白石岭"));
    shipped.write(path, &text.replace("青石岭", "黑石岭"));
    assert!(owner.get("/records/C-0004/").text().contains("黑石岭"));
    assert_ne!(live(&owner), seen);
    assert_eq!(live(&other), others, "who does not see it is not told that it changed");
    shipped.write(path, &text);
    assert_eq!(live(&owner), seen);
    // A record of another, a file gone, a post that ends at midnight.
    shipped.remove(path);
    assert_eq!(owner.get("/records/C-0004/").status(), 404);
    assert_eq!(live(&other), others);
    assert_eq!(running.ask("GET", "/live", "", "").status(), 303);
}

#[test]
fn whoever_decides_on_access_sees_as_another_as_far_as_he_may_and_it_is_logged() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let (manager, clerk) = (running.sign_in("lu.mingyuan"), running.sign_in("meng.fanshu"));
    assert_eq!(clerk.post("/view-as", "person=tian.shuisheng").status(), 404);
    assert!(!clerk.get("/people/tian.shuisheng/").text().contains("/view-as"));
    assert!(manager.get("/people/tian.shuisheng/").text().contains("/view-as"));
    assert_eq!(manager.post("/view-as", "person=nobody").status(), 404);
    assert_eq!(manager.post("/view-as", "person=tian.shuisheng").status(), 303);
    assert_eq!(manager.get("/records/C-0004/").status(), 404, "he does not see it");
    assert!(manager.get("/").text().contains("action=\"/view-as\""));
    // Nothing is changed under another's eyes.
    assert_eq!(manager.post("/inbox/", "action=grant&ask=1").status(), 404);
    assert_eq!(manager.post("/ask", "id=C-1&purpose=x&until=2026-12-01").header("location"), Some("/ask/?done=done_asked_incompletely"));
    assert_eq!(manager.post("/view-as", "").status(), 303);
    assert_eq!(manager.get("/records/C-0004/").status(), 200);
    // As far as he sees it himself: what the office alone reads stays hidden.
    let hidden = shipped.json(0, &["sees", "meng.fanshu"]).into_iter().map(|line| line["id"].as_str().unwrap().to_owned());
    let own: Vec<String> =
        shipped.json(0, &["sees", "lu.mingyuan"]).into_iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
    let hidden = hidden.into_iter().find(|id| !own.contains(id)).expect("the office reads a call log that the manager does not");
    assert_eq!(clerk.get(&format!("/records/{hidden}/")).status(), 200);
    assert_eq!(manager.post("/view-as", "person=meng.fanshu").status(), 303);
    assert_eq!(manager.get(&format!("/records/{hidden}/")).status(), 404);
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let lines: i64 = log
        .query_row(
            "SELECT count(*) FROM line WHERE who = 'lu.mingyuan' AND (what LIKE '/view-as %' OR what LIKE 'as tian.shuisheng %')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(lines >= 4, "{lines}");
    assert_eq!(SqliteAudit::of(&running.state).verify().wait().unwrap(), None);
}

#[test]
fn a_custodian_is_told_who_has_read_the_file_and_others_are_not() {
    let running = Running::shipped();
    let (owner, manager) = (running.sign_in("zhong.nan"), running.sign_in("lu.mingyuan"));
    assert_eq!(manager.get("/records/C-0004/").status(), 200);
    assert_eq!(running.sign_in("tian.shuisheng").get("/records/C-0004/").status(), 404);
    let told = owner.get("/records/C-0004/").text();
    let section = told.split("id=\"readings\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap();
    assert!(section.contains("陆明远") && !section.contains("tian.shuisheng"), "{section}");
    assert!(!manager.get("/records/C-0004/").text().contains("id=\"readings\""), "the manager is neither custodian nor owner");
}
