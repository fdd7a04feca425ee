use super::*;

struct Bare;

impl Surroundings for Bare {
    fn resolve(&self, destination: &str, wiki: bool) -> Leads {
        match (destination, wiki) {
            ("C-1", true) => Leads::Record("/records/C-1/".into(), "禾源 <水>".into()),
            (_, true) => Leads::Nowhere,
            (to, false) if markdown::allowed_destination(to) => Leads::To(to.to_owned()),
            _ => Leads::Nowhere,
        }
    }

    fn image(&self, destination: &str) -> Option<String> {
        (destination == "a.png").then(|| "/records/C-1/files/a.png".to_owned())
    }

    fn fence(&self, _: &Range<usize>) -> Option<String> {
        None
    }

    fn table_label(&self) -> &str {
        "表"
    }

    fn title(&self) -> &str {
        "客户信用管理制度"
    }
}

fn check(markdown: &str, html: &str) {
    assert_eq!(render(markdown, &Bare, &mut Ids::default()).html.trim_end(), html);
}

#[test]
fn a_link_to_what_is_seen_leads_there_and_the_rest_is_words() {
    check("见 [[C-1]] 与 [[C-2]]", "<p>见 <a href=\"/records/C-1/\">禾源 &lt;水&gt;</a> 与 C-2</p>");
    check("见 [[C-1|该客户]]、[[C-2|另一*家*]]", "<p>见 <a href=\"/records/C-1/\">该客户</a>、另一<em>家</em></p>");
}

#[test]
fn hostile_links_and_html_are_words() {
    check("[a](javascript:alert(1))", "<p>a</p>");
    check("[a](//evil.example)", "<p>a</p>");
    check("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    check("![x](data:image/png;base64,AAAA)", "<p>x</p>");
}

#[test]
fn own_images_are_shown_and_others_linked() {
    check("![图](a.png)", "<p><img src=\"/records/C-1/files/a.png\" alt=\"图\" /></p>");
    check("![图](https://a.example/b.png)", "<p><a href=\"https://a.example/b.png\">图</a></p>");
}

#[test]
fn a_table_scrolls_in_a_box_of_its_own_and_is_aligned_by_classes() {
    check(
        "|品名|数量|\n|:-:|-:|\n|泵|8|",
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"表\"><table><thead><tr>\
         <th scope=\"col\" class=\"middle\">品名</th><th scope=\"col\" class=\"number\">数量</th></tr></thead><tbody>\n\
         <tr><td class=\"middle\">泵</td><td class=\"number\">8</td></tr>\n</tbody></table>\n</div>",
    );
}

#[test]
fn a_first_heading_that_says_the_title_is_left_out() {
    check("# 客户信用管理制度\n\n正文\n\n# 客户信用管理制度", "<p>正文</p>\n<h2 id=\"客户信用管理制度-2\">客户信用管理制度</h2>");
}

#[test]
fn headings_have_anchors_by_their_keys_and_stand_below_the_title() {
    check(
        "# 总则\n## 第6条 D　D 级客户\n## 第6条 D　再说",
        "<h2 id=\"总则\">总则</h2>\n<h2 id=\"第6条-D\">第6条 D　D 级客户</h2>\n<h2 id=\"第6条-D-2\">第6条 D　再说</h2>",
    );
}

#[test]
fn a_relative_path_is_joined_inside_the_archive_only() {
    assert_eq!(join("records/a/b.md", "../c/d.md").as_deref(), Some("records/c/d.md"));
    assert_eq!(join("records/a/b.md", "/policies/x.md").as_deref(), Some("policies/x.md"));
    assert_eq!(join("records/b.md", "../../../x"), None);
}

#[test]
fn no_link_stands_in_another() {
    check("[![状态](https://a.cn/s.svg)](https://b.cn)", "<p><a href=\"https://b.cn\">状态</a></p>");
    check("![见 [说明](https://b.cn) 图](https://a.cn/p.png)", "<p><a href=\"https://a.cn/p.png\">见 说明 图</a></p>");
    check("[![图](a.png)](https://b.cn)", "<p><a href=\"https://b.cn\"><img src=\"/records/C-1/files/a.png\" alt=\"图\" /></a></p>");
}

#[test]
fn titles_of_links_and_images_stay() {
    check("[网址](https://a.cn \"2026 年版\")", "<p><a href=\"https://a.cn\" title=\"2026 年版\">网址</a></p>");
    check("[网址][a]\n\n[a]: https://a.cn '“<b>”'", "<p><a href=\"https://a.cn\" title=\"“&lt;b&gt;”\">网址</a></p>");
    check("![图](a.png \"正面\")", "<p><img src=\"/records/C-1/files/a.png\" alt=\"图\" title=\"正面\" /></p>");
    check("![图](https://a.cn/b.png \"正面\")", "<p><a href=\"https://a.cn/b.png\" title=\"正面\">图</a></p>");
    check("[网址](javascript:x \"题\")", "<p>网址</p>");
}

#[test]
fn headings_and_footnotes_have_ids_of_their_own() {
    check("## main\n## Main\n## 1 甲", "<h2 id=\"heading-main\">main</h2>\n<h2 id=\"Main\">Main</h2>\n<h2 id=\"1\">1 甲</h2>");
    check(
        "## a b\u{3000}甲\n## a-b\n## a-b\u{3000}乙",
        "<h2 id=\"heading-a-b\">a b\u{3000}甲</h2>\n<h2 id=\"heading-a-b-2\">a-b</h2>\n<h2 id=\"heading-a-b-2-2\">a-b\u{3000}乙</h2>",
    );
    let html = render("甲[^1]乙[^A]\n\n## 1 丙\n\n[^1]: 注\n\n[^a]: 又\n", &Bare, &mut Ids::default()).html;
    for id in ["1", "footnote-1", "footnote-a"] {
        assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{html}");
    }
    assert!(html.contains("href=\"#footnote-1\"") && html.contains("href=\"#footnote-a\""), "{html}");
}
