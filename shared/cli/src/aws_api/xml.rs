//! Just enough XML to read the answers of CloudFormation.

use quick_xml::Reader;
use quick_xml::events::Event;

/// The texts of all elements of this name, at any depth, in order. Unreadable XML gives what was
/// read until then.
#[must_use]
pub fn texts(xml: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(xml, |path, text| {
        if path.last().is_some_and(|last| last == name) {
            found.push(text.to_owned());
        }
    });
    found
}

/// The text of the first element with this name; empty when there is none.
#[must_use]
pub fn first_text(xml: &str, name: &str) -> String {
    texts(xml, name).into_iter().next().unwrap_or_default()
}

/// The direct children with text of every `member` directly inside an element of this name, as pairs
/// of name and text.
#[must_use]
pub fn members(xml: &str, list: &str) -> Vec<Vec<(String, String)>> {
    let mut found: Vec<Vec<(String, String)>> = Vec::new();
    let mut number_before = 0;
    let mut number = 0;
    walk_numbered(xml, |path, member_number, text| {
        number = member_number;
        let is_child =
            matches!(path, [.., parent, member, _] if parent == list && member == "member");
        if let (true, Some(name)) = (is_child, path.last()) {
            if number != number_before {
                number_before = number;
                found.push(Vec::new());
            }
            if let Some(fields) = found.last_mut() {
                fields.push((name.clone(), text.to_owned()));
            }
        }
    });
    found
}

/// The value of a field in what [`members`] gives.
#[must_use]
pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields
        .iter()
        .find(|(field, _)| field == name)
        .map_or("", |(_, value)| value)
}

fn walk(xml: &str, mut see: impl FnMut(&[String], &str)) {
    walk_numbered(xml, |path, _, text| see(path, text));
}

/// Calls `see` for each element without children with its path, the number of the `member` it lies
/// in, and its text.
fn walk_numbered(xml: &str, mut see: impl FnMut(&[String], u32, &str)) {
    let mut reader = Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut leaf = false;
    let mut members = 0;
    let mut open_members: Vec<u32> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                if name == "member" {
                    members += 1;
                    open_members.push(members);
                }
                path.push(name);
                text.clear();
                leaf = true;
            }
            Ok(Event::Text(part)) => text.push_str(&String::from_utf8_lossy(&part)),
            Ok(Event::CData(part)) => text.push_str(&String::from_utf8_lossy(&part)),
            Ok(Event::GeneralRef(reference)) => {
                text.push_str(&entity(&String::from_utf8_lossy(&reference)))
            }
            Ok(Event::End(_)) => {
                if leaf {
                    see(
                        &path,
                        open_members.last().copied().unwrap_or(0),
                        text.trim(),
                    );
                }
                leaf = false;
                if path.pop().is_some_and(|name| name == "member") {
                    open_members.pop();
                }
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The character that a reference stands for.
fn entity(name: &str) -> String {
    match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        _ => {
            let number = name.strip_prefix("#x").map_or_else(
                || {
                    name.strip_prefix('#')
                        .and_then(|digits| digits.parse().ok())
                },
                |digits| u32::from_str_radix(digits, 16).ok(),
            );
            number
                .and_then(char::from_u32)
                .map(String::from)
                .unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &str = "<?xml version=\"1.0\"?><R xmlns=\"http://x.test/\"><D><StackEvents>\
        <member><LogicalResourceId>Table</LogicalResourceId><ResourceStatusReason>a &lt;b&gt; &#x26; c</ResourceStatusReason>\
        <Deep><member><X>1</X></member></Deep></member>\
        <member><LogicalResourceId>Queue</LogicalResourceId><Empty></Empty></member></StackEvents></D></R>";

    #[test]
    fn members_keep_their_fields_apart() {
        let events = members(EVENTS, "StackEvents");
        assert_eq!(events.len(), 2);
        assert_eq!(field(&events[0], "ResourceStatusReason"), "a <b> & c");
        assert_eq!(field(&events[1], "LogicalResourceId"), "Queue");
        assert_eq!(field(&events[1], "ResourceStatusReason"), "");
    }

    #[test]
    fn broken_xml_gives_what_was_read() {
        assert_eq!(texts("<a><b>1</b><b>2</a", "b"), ["1"]);
        assert!(texts("no xml", "b").is_empty());
    }
}
