//! The attachments of records: which one an address names, and as what it is handed over.

use super::{address, seen};
use crate::{
    access::View,
    render::{Page, RenderError},
    source::{Opened, RecordId},
};
use std::io;

/// An attachment that a reader has asked for.
#[derive(Debug)]
pub struct ShownAttachment {
    pub name: String,
    pub content_type: &'static str,
    pub handing: Handing,
    /// The record that it hangs on.
    pub record: RecordId,
    pub opened: Opened,
}

/// What a browser is to do with an attachment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handing {
    /// It may show it: nothing of that kind is run.
    Inline,
    /// To be saved under its name.
    Save,
}

/// The attachment at a path (an address without its language): nothing where there is none, or not
/// for this reader.
pub(in crate::render) fn at(path: &str, view: &View<'_>) -> Result<Option<ShownAttachment>, RenderError> {
    let Some((record, name, opened)) = open(path, view) else { return Ok(None) };
    let opened = opened.map_err(|error| RenderError::Attachment(path.to_owned(), error))?;
    let (content_type, handing) = kind(&name);
    Ok(Some(ShownAttachment { name, content_type, handing, record, opened }))
}

fn open(path: &str, view: &View<'_>) -> Option<(RecordId, String, io::Result<Opened>)> {
    let segments: Vec<&str> = path.split('/').collect();
    let ["", "records", id, "files", name] = segments[..] else { return None };
    let seen = seen(view, id)?;
    let name = address::name(name, seen.open_attachments().into_iter())?;
    let opened = seen.open_attachment(&name)?;
    Some((seen.id().clone(), name, opened))
}

/// An attachment whole, for the static site.
pub(super) fn page(path: &str, view: &View<'_>) -> Result<Option<Page>, RenderError> {
    let Some(mut found) = at(path, view)? else { return Ok(None) };
    let body = found.opened.read(0, usize::MAX).map_err(|error| RenderError::Attachment(path.to_owned(), error))?;
    Ok(Some(Page { address: path.to_owned(), content_type: found.content_type, body, record: Some(found.record) }))
}

/// By the name's extension. What a browser could run as a page of this site (HTML, SVG, XML,
/// scripts) and what nobody knows is handed over as bytes.
fn kind(name: &str) -> (&'static str, Handing) {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let known = KINDS.iter().find(|(own, ..)| Some(*own) == extension.as_deref());
    known.map_or(("application/octet-stream", Handing::Save), |(_, content_type, handing)| (content_type, *handing))
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// Extensions, media types (IANA's registry), and what is done with them.
const KINDS: [(&str, &str, Handing); 25] = [
    ("png", "image/png", Handing::Inline),
    ("jpg", "image/jpeg", Handing::Inline),
    ("jpeg", "image/jpeg", Handing::Inline),
    ("gif", "image/gif", Handing::Inline),
    ("webp", "image/webp", Handing::Inline),
    ("pdf", "application/pdf", Handing::Inline),
    ("txt", PLAIN, Handing::Inline),
    ("csv", PLAIN, Handing::Inline),
    ("md", PLAIN, Handing::Inline),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Handing::Save),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Handing::Save),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", Handing::Save),
    ("doc", "application/msword", Handing::Save),
    ("xls", "application/vnd.ms-excel", Handing::Save),
    ("ppt", "application/vnd.ms-powerpoint", Handing::Save),
    ("odt", "application/vnd.oasis.opendocument.text", Handing::Save),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet", Handing::Save),
    ("odp", "application/vnd.oasis.opendocument.presentation", Handing::Save),
    ("rtf", "application/rtf", Handing::Save),
    ("zip", "application/zip", Handing::Save),
    ("gz", "application/gzip", Handing::Save),
    ("7z", "application/x-7z-compressed", Handing::Save),
    ("tif", "image/tiff", Handing::Save),
    ("tiff", "image/tiff", Handing::Save),
    ("eml", "message/rfc822", Handing::Save),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_could_run_is_saved_as_bytes() {
        for name in ["a.svg", "a.html", "a.HTM", "a.js", "a.xml", "a.xhtml", "a.pdf.exe", "a.mht", "png", "", "a.", ".png.html"] {
            assert_eq!(kind(name), ("application/octet-stream", Handing::Save), "{name}");
        }
        assert_eq!(kind("合同.PDF"), ("application/pdf", Handing::Inline));
        assert_eq!(kind("台账.csv"), (PLAIN, Handing::Inline));
        assert_eq!(kind("台账.xlsx").1, Handing::Save);
    }
}
