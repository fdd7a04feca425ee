//! Where a page leads: its links, and its forms with what they hold. As much of HTML as our own
//! templates write.

use std::collections::BTreeSet;

/// A form with its inputs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Form {
    pub posts: bool,
    pub action: String,
    pub fields: Vec<(String, String)>,
}

/// The addresses on this site to which a page leads, without their fragments.
pub fn links(page: &str) -> BTreeSet<String> {
    let quoted = tags(page).flat_map(|tag| ["href", "src"].into_iter().filter_map(move |name| attribute(tag, name)));
    let own = quoted.filter(|link| link.starts_with('/') && !link.starts_with("//"));
    own.map(|link| link.split('#').next().unwrap().to_owned()).collect()
}

pub fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    for tag in tags(page) {
        if tag.starts_with("<form") {
            let posts = attribute(tag, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            forms.push(Form { posts, action: attribute(tag, "action").unwrap_or_default(), fields: Vec::new() });
        } else if let (true, Some(form)) =
            (["<input", "<textarea", "<select", "<button"].iter().any(|kind| tag.starts_with(kind)), forms.last_mut())
            && let Some(name) = attribute(tag, "name")
        {
            form.fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    forms
}

fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.match_indices('<').map(|(at, _)| &page[at..]).filter_map(|rest| rest.find('>').map(|end| &rest[..end]))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[at..];
    Some(
        value[..value.find('"')?]
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#x2F;", "/")
            .replace("&amp;", "&"),
    )
}

#[test]
fn links_and_forms_are_found() {
    let page = r##"<a class="x" href="/a/?q=1&amp;b=2#c">a</a><a href="https://elsewhere/">b</a><img src="/m.svg">
        <form method="post" action="/ask"><input type="hidden" name="id" value="C-1"><button name="do" value="go">go</button></form><form action="/search/"><input name="q"></form>"##;
    assert_eq!(links(page), BTreeSet::from(["/a/?q=1&b=2".to_owned(), "/m.svg".to_owned()]));
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let ask = Form { posts: true, action: "/ask".to_owned(), fields: vec![field("id", "C-1"), field("do", "go")] };
    assert_eq!(forms(page), [ask, Form { posts: false, action: "/search/".to_owned(), fields: vec![field("q", "")] }]);
}
