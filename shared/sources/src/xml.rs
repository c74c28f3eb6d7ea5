//! Strict reading of XML that strangers send: elements and texts, nothing that refers to anything.

use roxmltree::{Document, Error, Node, ParsingOptions};

use crate::json::{MAX_DEPTH, Unreadable, missing};

/// More elements and texts than any message of a hundred records has.
const MAX_NODES: u32 = 50_000;

/// Parses a document. A document type is refused, and with it every entity but the five of XML.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Unreadable> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(not_xml)?;
    // In the document's order: the first one that is too deep ends the search.
    let too_deep = |node: Node<'_, '_>| node.ancestors().nth(MAX_DEPTH + 1).is_some();
    match document.descendants().any(too_deep) {
        true => Err(Unreadable::TooDeep),
        false => Ok(document),
    }
}

/// Only the place: what the parser says may quote what was sent.
fn not_xml(error: Error) -> Unreadable {
    if matches!(error, Error::DtdDetected) {
        return Unreadable::DocumentType;
    }
    Unreadable::NotXml {
        line: error.pos().row,
        column: error.pos().col,
    }
}

/// The first element within with this name, in whatever namespace.
pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children()
        .find(|child| child.is_element() && child.tag_name().name() == name)
}

/// The text of an element within; none when it is missing, empty or nil.
pub(crate) fn optional_text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = child(node, name)?.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The text of an element within that must be there.
pub(crate) fn text(node: Node<'_, '_>, name: &str) -> Result<String, Unreadable> {
    optional_text(node, name).ok_or_else(|| missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_their_names_whatever_the_prefix() {
        let document = parse("<a:b xmlns:a='urn:x'><a:c> 1 &amp; 2 </a:c><a:d/></a:b>").unwrap();
        let root = document.root_element();
        assert_eq!(text(root, "c"), Ok("1 & 2".to_owned()));
        assert_eq!(text(root, "d"), Err(missing("d")));
        assert_eq!(optional_text(root, "e"), None);
    }

    #[test]
    fn nothing_that_refers_or_explodes_is_read() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>"#;
        let file = r#"<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>"#;
        for text in [bomb, file, "<!DOCTYPE a><a/>"] {
            assert_eq!(parse(text).map(drop), Err(Unreadable::DocumentType));
        }
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        assert_eq!(parse(&deep).map(drop), Err(Unreadable::TooDeep));
        let many = format!("<a>{}</a>", "<b/>".repeat(60_000));
        for text in ["<a>&b;</a>", "<a>", "", "{}", &many, "<a b='1' b='2'/>"] {
            assert!(
                matches!(parse(text), Err(Unreadable::NotXml { .. })),
                "{text:.20}"
            );
        }
    }
}
