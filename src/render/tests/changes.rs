//! A version of a policy beside the one before it.

use super::{attributes, followed, office, pages, version};
use crate::access::Reader;
use std::collections::BTreeMap;

const RULES: &str = r#"
```yaml posts
posts:
  clerk: {label: {zh: 文书, en: Clerk}, held_by: [{person: li.na, from: 2020-01-01}]}
  head: {label: {zh: 主任, en: Head}}
departments:
  office: {label: {zh: 办公室, en: Office}}
```

## 第2条　来函

来函在 {settings.days} 天内答复，见 [第1条](#第1条)和**金额**一栏。<i>不得</i>拖延。

```yaml type
id: letter
label: {zh: 来函, en: Letter}
title: "{subject}"
date: received
must: {subject: text, received: date, kind: formal | plain}
may: {answered: date, paid: money}
labels:
  subject: {zh: 事由, en: Subject}
  received: {zh: 收到之日, en: Received}
  answered: {zh: 答复之日, en: Answered}
  paid: {zh: 金额, en: Amount}
  kind: {zh: 种类, en: Kind}
  kind=formal: {zh: 正式, en: Formal}
```

```yaml duty
id: answer
for: letter
need: answered
by: received + 30 days
who: clerk
say: {zh: "来函须按期答复", en: "a letter is answered in time"}
```

```yaml rule
id: paid
for: letter
when: has(paid)
require: paid.orValue(0) <= 100
say: {zh: "金额不得过大", en: "the amount is not too large"}
severity: warning
```

```yaml approval
for: letter
steps: [clerk]
```

```yaml settings
days: {value: 30, source: company}
```

## 第3条　保管

保管五年。
"#;

type Policy = (String, String);

fn document(day: &str, status: &str, rules: &str) -> Policy {
    let front = format!("policy: mail\ntitle: 收文制度\nstatus: {status}\neffective: {day}\nowner: office\n");
    (format!("policies/mail-{day}.md"), format!("---\n{front}---\n# 收文制度\n\n## 第1条　岗位\n{rules}"))
}

fn replaced(pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(RULES.to_owned(), |text, (own, later)| {
        assert!(text.contains(own), "{own}");
        text.replace(own, later)
    })
}

fn shown(policies: impl IntoIterator<Item = Policy>) -> BTreeMap<String, String> {
    pages(&office(policies.into_iter().collect()), Reader::Everyone)
}

const PATH: &str = "/policies/mail/versions/2025-07-01/changes/";

/// The page of the second version, in both languages.
fn changes(pairs: &[(&str, &str)]) -> [String; 2] {
    let pages = shown([document("2025-01-01", "in-force", RULES), document("2025-07-01", "in-force", &replaced(pairs))]);
    [PATH.to_owned(), format!("/en{PATH}")].map(|path| main(&pages[&path]))
}

fn main(page: &str) -> String {
    let from = page.find("<article class=\"changes\">").expect("the page has its article");
    page[from..page.find("</article>").unwrap()].to_owned()
}

fn has(page: &str, all: &[&str]) {
    all.iter().for_each(|one| assert!(page.contains(one), "{one}\n{page}"));
}

#[test]
fn words_are_marked_where_they_stand_and_figures_are_those_of_each_version() {
    let [page, english] = changes(&[
        ("{value: 30,", "{value: 45,"),
        ("[第1条](#第1条)和**金额**", "[第1条之一](#第1条)和**金额和**"),
        ("<i>不得</i>", "<i onclick=x>不得</i>"),
    ]);
    has(
        &page,
        &[
            "来函在 <del>30</del> 天内答复",
            "来函在 <ins>45</ins> 天内答复",
            "<a href=\"../../../index.html#%E7%AC%AC1%E6%9D%A1\">第1条<ins>之一</ins></a>",
            "<strong>金额<ins>和</ins></strong>一栏",
            "&lt;i<ins> onclick=x</ins>&gt;",
            "<td><del>30</del></td><td><ins>45</ins></td>",
            "1 条有改动，其余 2 条没有变",
        ],
    );
    assert!(!page.contains("<i onclick") && !page.contains("保管五年") && !page.contains("条文没有改动"), "{page}");
    has(&english, &["articles changed: 1; unchanged and left out: 2", "<ins>45</ins>", "Earlier version", "href=\"../../../index.html#"]);
}

#[test]
fn blocks_tell_in_sentences_what_they_demand_otherwise() {
    let [page, english] = changes(&[
        ("received + 30 days", "received + 45 days"),
        ("steps: [clerk]", "steps: [clerk, head]"),
        ("may: {answered: date, paid: money}", "may: {paid: money, from: text}"),
        ("kind: formal | plain}", "kind: formal | plain | urgent, answered: date}"),
        ("金额不得过大", "金额不得超过额度"),
        ("severity: warning", "severity: error"),
        ("{zh: 主任, en: Head}", "{zh: 主管, en: Manager}"),
    ]);
    has(
        &page,
        &[
            "期限由“收到之日 + 30 天”改为“收到之日 + 45 天”",
            "新增一道审批：主管",
            "项目“答复之日”由选填改为必填",
            "新增项目“from”（文字，选填）",
            "项目“种类”可填的值增加：urgent",
            "由系统核对：“金额不得过大”改为“金额不得超过额度”",
            "轻重由“提醒”改为“错误”",
            "“主任”改称“主管”",
            "条文没有改动。",
        ],
    );
    has(
        &english,
        &[
            "By: “Received + 30 days” became “Received + 45 days”",
            "One more approval: Manager",
            "Field “Answered” was optional and is now required",
            "“Head” is now called “Manager”",
        ],
    );
}

#[test]
fn articles_that_are_new_gone_or_renumbered_are_told_as_such() {
    let [page, _] = changes(&[("## 第3条　保管\n\n保管五年。", "## 第3条　销毁\n\n由办公室销毁。\n\n## 第4条　保管\n\n保管五年。")]);
    has(&page, &["1 条有改动，1 条新增，其余 2 条没有变", "第<del>3</del>条　保管 → 第<ins>4</ins>条　保管", "<p>由办公室销毁。</p>"]);
    let [page, _] = changes(&[("## 第3条　保管\n\n保管五年。", "")]);
    has(&page, &["1 条删去，其余 2 条没有变", "<p>保管五年。</p>", "<span class=\"mark bad\">删去</span>"]);
    assert!(!page.contains("<del>"), "a whole article is not struck through: {page}");
}

#[test]
fn where_nothing_differs_the_page_says_so() {
    let [page, english] = changes(&[]);
    has(&page, &["两个版本的条文、规定和数值都没有不同。"]);
    has(&english, &["No article, provision or figure differs."]);
}

#[test]
fn each_of_three_versions_stands_beside_the_one_before_it_and_drafts_before_none() {
    let policies = [
        document("2024-01-01", "in-force", RULES),
        document("2025-01-01", "in-force", &replaced(&[("五年", "六年")])),
        document("2025-05-01", "draft", &replaced(&[("五年", "一年")])),
        document("2025-07-01", "in-force", &replaced(&[("五年", "八年")])),
    ];
    let pages = shown(policies);
    let page = |day: &str| main(&pages[&format!("/policies/mail/versions/{day}/changes/")]);
    has(&page("2025-01-01"), &["保管<del>五</del>年", "保管<ins>六</ins>年"]);
    has(&page("2025-05-01"), &["保管<del>六</del>年", "保管<ins>一</ins>年"]);
    has(&page("2025-07-01"), &["保管<del>六</del>年", "保管<ins>八</ins>年"]);
    assert!(!pages.contains_key("/policies/mail/versions/2024-01-01/changes/"), "the first has none before it");
    for (address, text) in pages.iter().filter(|(address, _)| address.contains("/policies/mail/")) {
        let links: Vec<String> = attributes(text, "href").into_iter().map(|href| followed(address, href)).collect();
        for link in &links {
            assert!(pages.contains_key(link), "{address} leads to {link}");
        }
        let leads = |day: &str| links.iter().any(|link| link.ends_with(&format!("/policies/mail/versions/{day}/changes/")));
        let is_whole = !address.ends_with("/changes/");
        assert!(!is_whole || ["2025-01-01", "2025-05-01", "2025-07-01"].into_iter().all(leads), "{address}");
    }
}

#[test]
fn what_withdraws_a_policy_names_the_articles_that_have_gone() {
    let withdrawn = "\n因并入档案制度而废止。\n";
    let pages = shown([document("2025-01-01", "in-force", RULES), document("2025-07-01", "withdrawn", withdrawn)]);
    let page = main(&pages[PATH]);
    has(&page, &["状态由“施行”改为“废止”", "项规定不再执行", "第3条　保管", "<ins>因并入档案制度而废止。</ins>"]);
    assert!(!page.contains("保管五年") && !page.contains("class=\"demands\""), "{page}");
}

#[test]
fn other_policies_and_days_have_no_such_page() {
    let policies = [document("2025-01-01", "in-force", RULES), version("draft", "2026-01-01")];
    let pages = shown(policies);
    assert!(pages.keys().all(|address| !address.ends_with("/changes/") || address.contains("/policies/house/")), "{:?}", pages.keys());
}
