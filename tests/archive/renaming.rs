//! Of the shipped rulebooks the program knows nothing: with every policy, type, field, rule, duty
//! and style renamed throughout policies and records, it gives every answer that it gave before, in
//! the new names.

use crate::support::{
    Shipped,
    rename::{Names, plain, rename},
};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// The shipped archive, and one in which everything has another name.
struct Pair {
    shipped: Shipped,
    renamed: Shipped,
    names: Names,
}

impl Pair {
    fn new(change: impl Fn(&Shipped)) -> Pair {
        let (shipped, renamed) = (Shipped::copy(), Shipped::copy());
        let names = rename(&renamed);
        // After the signing, which would heal an approval of something else; in text that old and
        // new names have in common.
        change(&shipped);
        change(&renamed);
        Pair { shipped, renamed, names }
    }

    /// Runs a command in both, which must end with this status and say the same but for the names.
    fn agree(&self, status: i32, arguments: &[&str]) -> Vec<Value> {
        let said = |archive: &Shipped, arguments: &[&str]| archive.json(status, arguments).iter().map(unmarked).collect::<Vec<_>>();
        let (before, after) = (said(&self.shipped, arguments), said(&self.renamed, arguments));
        assert_eq!(sorted(&after), sorted(&before), "{arguments:?}");
        before
    }
}

/// A line of output with its plain names, without columns and scores: names are longer now, and the
/// text of the policies with them.
fn unmarked(line: &Value) -> Value {
    let mut line: Value = serde_json::from_str(&plain(&line.to_string())).unwrap();
    ["column", "end_column", "score"].iter().for_each(|key| _ = line.as_object_mut().unwrap().remove(*key));
    // Reasons stand in the order of the names in them.
    if let Some(why) = line.get_mut("why").and_then(Value::as_array_mut) {
        why.sort_by_key(Value::to_string);
    }
    line
}

/// A page without the columns of places: what stands behind a key has moved with its name.
fn without_columns(page: &str) -> String {
    let mut parts = page.split("<bdi class=\"place\">");
    let head = parts.next().unwrap_or_default().to_owned();
    let place = |part: &str| {
        let (place, rest) = part.split_once("</bdi>").unwrap();
        format!("<bdi class=\"place\">{}</bdi>{rest}", place.rsplit_once(':').map_or(place, |(line, _)| line))
    };
    parts.map(place).fold(head, |page, part| page + &part)
}

fn sorted(lines: &[Value]) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn under_other_names_the_archive_passes_its_policies_and_owes_the_same() {
    let pair = Pair::new(|_| ());
    let blocks = pair.agree(0, &["policy", "list"]);
    for kind in ["type", "rule", "duty", "style", "access", "approval"] {
        assert!(blocks.iter().any(|block| block["kind"] == kind), "the rulebooks have a {kind}");
    }
    assert!(pair.names.policies.len() >= 6 && pair.names.types.len() >= 7, "{:?}", pair.names);
    assert!(pair.names.rules.len() >= 30 && pair.names.fields.len() >= 50, "{:?}", pair.names);
    assert_eq!(pair.names.left_in(&pair.renamed), Vec::<String>::new(), "these were not renamed");
    pair.agree(0, &["check"]);
    assert!(!pair.agree(0, &["due"]).is_empty());
}

#[test]
fn under_other_names_each_reader_sees_and_finds_the_same() {
    let pair = Pair::new(|_| ());
    for (person, query) in [("lu.mingyuan", "信用额度"), ("zhong.nan", "逾期"), ("tian.shuisheng", "水泵")] {
        assert!(!pair.agree(0, &["sees", person]).is_empty());
        pair.agree(0, &["search", query, "--as", person]);
        pair.agree(0, &["due", "--as", person]);
    }
    assert!(!pair.agree(0, &["search", "信用額度"]).is_empty());
    assert_eq!(pair.shipped.prints(0, &["who", "C-0004"]), plain(&pair.renamed.prints(0, &["who", "C-0004"])));
}

/// What is wrong is told in both at the same lines, with the same article, and every rule that
/// finds something has its own code.
#[test]
fn under_other_names_what_breaks_the_rules_is_told_at_the_same_lines() {
    let pair = Pair::new(|archive| {
        archive.edit("records/customers/C-0006.md", "credit_limit: 0\n", "credit_limit: 5000\n");
        archive.edit("records/customers/C-0004.md", "custodian: ", "custodian: nobody.");
        archive.edit("records/customers/C-0001.md", "## 联系方式", "## 联系");
        archive.edit("records/people/bai.ruoxi.md", "superior: song.yaqin", "superior: bai.ruoxi");
        for entry in walkdir::WalkDir::new(archive.path("records/reports")) {
            let path = entry.unwrap().into_path();
            if path.is_file() {
                let text = fs::read_to_string(&path).unwrap();
                fs::write(
                    &path,
                    text.replace("\n## 结论与建议\n", "\n## 结论与建议\n\n大概可以。").replace("channels: [bank, ", "channels: ["),
                )
                .unwrap();
            }
        }
        archive.remove("records/cards/CARD-0003.md");
    });
    let findings = pair.agree(1, &["check"]);
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &findings {
        *codes.entry(finding["code"].as_str().unwrap()).or_default() += 1;
    }
    assert!(codes["credit.d-no-credit"] == 1 && codes.contains_key("approval.stale") && codes.len() >= 10, "{codes:?}");
    let said = pair.renamed.json(1, &["check"]);
    let told = said.iter().find(|finding| plain(finding["code"].as_str().unwrap()) == "credit.d-no-credit").unwrap();
    let line = pair.renamed.read("records/customers/C-0006.md").lines().position(|line| line.contains("credit_limit:")).unwrap() + 1;
    assert_eq!((told["record"].as_str(), told["line"].as_u64()), (Some("C-0006"), Some(line as u64)));
    assert_ne!(told["code"], "credit.d-no-credit");
    let code = told["code"].as_str().unwrap();
    assert_eq!(plain(&pair.renamed.prints(0, &["explain", code])), pair.shipped.prints(0, &["explain", "credit.d-no-credit"]));
}

/// The whole site, byte for byte but for columns.
#[test]
fn under_other_names_the_site_is_the_same() {
    let pair = Pair::new(|_| ());
    let built = |archive: &Shipped| -> BTreeMap<String, String> {
        archive.prints(0, &["build", "--as", "lu.mingyuan", "--restricted"]);
        let files = walkdir::WalkDir::new(archive.path("site")).follow_links(true).into_iter().map(|entry| entry.unwrap().into_path());
        let name = |path: &std::path::Path| plain(path.strip_prefix(archive.path("site")).unwrap().to_str().unwrap());
        files
            .filter(|path| path.is_file())
            .map(|path| (name(&path), without_columns(&plain(&String::from_utf8_lossy(&fs::read(&path).unwrap())))))
            .collect()
    };
    let (before, after) = (built(&pair.shipped), built(&pair.renamed));
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for (name, page) in &before {
        assert!(*page == after[name], "{name}: {:?}", page.lines().zip(after[name].lines()).find(|(before, after)| before != after));
    }
}
