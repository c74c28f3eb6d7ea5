use super::*;

#[test]
fn every_doubt_is_a_refusal() {
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    let deepest = format!("{}1{}", "[".repeat(32), "]".repeat(32));
    let not_json = |line, column| Err(Unreadable::NotJson { line, column });
    assert_eq!(strict(&deepest), Ok(()));
    assert_eq!(strict(&deep), Err(Unreadable::TooDeep));
    assert_eq!(strict(&"[".repeat(100_000)), not_json(1, 100_000));
    assert_eq!(strict(r#"{"a":1,"a":2}"#), Err(Unreadable::DuplicateKey));
    assert_eq!(
        strict(r#"{"a":1,"\u0061":2}"#),
        Err(Unreadable::DuplicateKey)
    );
    assert_eq!(
        strict(r#"[{"b":{"a":1,"a":2}}]"#),
        Err(Unreadable::DuplicateKey)
    );
    assert_eq!(strict(r#"{"a":"x\u0000"}"#), Err(Unreadable::Nul));
    assert_eq!(strict(r#"{"\u0000":1}"#), Err(Unreadable::Nul));
    assert!(strict(r#"{"a":"\ud800"}"#).is_err());
    assert!(strict("{\"a\":\"\0\"}").is_err());
    assert!(strict(r#"{"a":NaN}"#).is_err());
    assert!(strict(r#"{"a":1} {"#).is_err());
    assert!(strict("").is_err());
    assert_eq!(
        strict(" {\"a\":[1e400,9007199254740993,null,\"é\"]}"),
        Ok(())
    );
}

#[test]
fn size_and_encoding_are_checked_before_anything_is_read() {
    let largest = vec![b' '; MAX_BYTES];
    assert!(text_of(&largest).is_ok());
    let larger = vec![b' '; MAX_BYTES + 1];
    assert_eq!(
        text_of(&larger),
        Err(Unreadable::TooLarge {
            bytes: MAX_BYTES + 1
        })
    );
    assert_eq!(text_of(b"\xff"), Err(Unreadable::NotText));
}

#[test]
fn a_number_is_the_same_whatever_zeros_follow_it() {
    for written in ["8", "8.0", "8.00", "\"8.00\""] {
        let json = format!(r#"{{"hours":{written}}}"#);
        let object = Object::parse(&json).unwrap();
        let hours = object.decimal("hours").unwrap();
        assert_eq!(serde_json::to_string(&hours).unwrap(), "\"8\"", "{written}");
    }
}

#[test]
fn a_number_keeps_its_digits_and_a_wrong_one_never_shows_itself() {
    let json = r#"{"a":0.1,"b":9007199254740993,"c":1e2,"d":"Bob","e":null,"f":""}"#;
    let object = Object::parse(json).unwrap();
    assert_eq!(object.decimal("a").unwrap().to_string(), "0.1");
    assert_eq!(object.id("b").unwrap(), "9007199254740993");
    assert_eq!(object.id("d").unwrap(), "Bob");
    assert_eq!(object.decimal("e"), Err(missing("e")));
    assert_eq!(object.optional_decimal("f"), Ok(None));
    for field in ["c", "d"] {
        let error = object.decimal(field).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("Bob"));
    }
    assert!(object.id("a").is_err());
}
