//! The ids of headings and footnotes, and the links to them.

use super::*;
use std::collections::BTreeSet;

const BODY: &str = "[去](#fields) [去](#第6条%20D) 注[^1] 又[^main]\n\n## main\n\n## fields\n\n## source\n\n## contents\n\n## find\n\n## backlinks\n\n## attachments\n\n## 1 甲\n\n## footnote-1\n\n## 第6条 D　等级\n\n[^1]: 甲\n\n[^main]: 乙\n";

fn of_letters(first: &str, second: &str) -> BTreeMap<String, String> {
    pages(&office(files([letter("L-1", "", first), letter("L-2", "", second), secret()])), Reader::Everyone)
}

#[test]
fn every_id_stands_once_on_a_page() {
    let pages = of_letters(BODY, "[回信](L-1.md#find)\n");
    for (address, page) in html(&pages) {
        let ids = attributes(page, "id");
        let different: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), different.len(), "{address}: {ids:?}");
        assert!(ids.iter().all(|id| !id.contains(char::is_whitespace)), "{address}: {ids:?}");
    }
    let hrefs = attributes(&pages["/records/L-1/"], "href");
    assert!(hrefs.contains(&"#heading-fields") && hrefs.contains(&"#footnote-main"), "{hrefs:?}");
    assert!(hrefs.contains(&format!("#{}", address::encoded("第6条-D")).as_str()), "{hrefs:?}");
    assert!(attributes(&pages["/records/L-2/"], "href").contains(&"../L-1/index.html#heading-find"));
}

/// An own id that a heading could have would be no longer the page's alone.
#[test]
fn the_ids_of_the_pages_themselves_are_such_as_no_heading_has() {
    let pages = of_letters("甲\n", "乙\n");
    let own = pages.iter().filter(|(address, _)| address.ends_with('/') && !address.contains("/policies/"));
    for id in own.flat_map(|(_, page)| attributes(page, "id")) {
        assert_ne!(address::fragment(id), id);
    }
}

#[test]
fn a_link_to_a_heading_by_its_words_or_their_slug_leads_to_it() {
    let links = "[a](L-1.md#一、背景%20说明) [b](L-1.md#一背景-说明) [[L-1#Getting Started Guide]] [c](L-1.md#getting-started-guide) [d](#乙-丙)\n\n## 乙 丙\n";
    let pages = of_letters("## 一、背景 说明\n\n## Getting Started Guide\n", links);
    let hrefs = attributes(&pages["/records/L-2/"], "href");
    let background = format!("../L-1/index.html#{}", address::encoded("一、背景"));
    let count = |wanted: &str| hrefs.iter().filter(|href| **href == wanted).count();
    assert_eq!([count(&background), count("../L-1/index.html#Getting")], [2, 2], "{hrefs:?}");
    assert!(count(&format!("#{}", address::encoded("乙"))) >= 1, "{hrefs:?}");
}

#[test]
fn a_comment_is_on_no_page() {
    let pages = of_letters("正文一。\n\n<!-- 客户可能违约，勿外传 -->\n\n正文二<!-- 待核 -->。\n", "## 甲<!-- 待核 -->\n");
    assert!(pages["/records/L-1/"].contains("正文二。"));
    for (address, page) in &pages {
        assert!(!page.contains("待核") && !page.contains("勿外传"), "{address}");
    }
}
