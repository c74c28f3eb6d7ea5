//! Bodies of every size and shape at the door.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

use crate::door::{Door, change, connectwise, hubspot, kept, posted, refused};

/// The largest body that is taken.
const MOST: usize = 180 * 1024;
/// What a body may need besides itself; the machine gives memory in larger pieces than are used.
const MOST_MEMORY_KB: u64 = 16 * 1024;

/// Fault 33, 34: whoever cannot sign gets nothing kept, whatever it is.
#[tokio::test]
async fn nothing_of_any_size_or_shape_is_kept_of_whoever_cannot_sign() {
    let door = Door::open();
    let many_names: String = (0..1_000_000).map(|n| format!("\"{n}\":0,")).collect();
    let bodies = [
        "[".repeat(127),
        "[".repeat(128),
        "[".repeat(129),
        "[".repeat(100_000),
        "{\"a\":".repeat(30_000),
        "a".repeat(10 * 1024 * 1024),
        format!("{{{many_names}\"z\":0}}"),
        "{\"portalId\":1,\"portalId\":2}".to_owned(),
        String::new(),
        "\0".to_owned(),
    ];
    for body in &bodies {
        for source in ["hubspot/48807704", "connectwise/Cobalt"] {
            let path = format!("/in/{source}");
            let request = posted(
                &path,
                &[("x-hubspot-signature-v3", "AAAA")],
                body.as_bytes(),
            );
            let before = most_memory_kb();
            let answered = door.call(&request).await;
            let more = most_memory_kb().saturating_sub(before);
            let expected = if body.len() > MOST {
                413..=413
            } else {
                400..=401
            };
            assert!(
                expected.contains(&answered.status),
                "{answered:?}: {body:.20}"
            );
            assert!(answered.kept.is_empty(), "{body:.20}");
            assert!(more < MOST_MEMORY_KB, "{more} KiB for {body:.20}");
        }
    }
}

/// Fault 34: what is signed is the vendor's, and kept to the byte, so that somebody looks at it; but no
/// more of it than a queue carries.
#[tokio::test]
async fn what_is_signed_is_kept_to_the_byte_up_to_its_limit() {
    let door = Door::open();
    for length in [0, 1, MOST - 1, MOST] {
        let body = "a".repeat(length);
        assert_eq!(door.call(&hubspot(&body)).await, kept(body.as_bytes()));
    }
    for body in ["[".repeat(100_000), "{\"a\":1,\"a\":2}".to_owned()] {
        assert_eq!(door.call(&hubspot(&body)).await, kept(body.as_bytes()));
    }
    let large = "a".repeat(MOST + 1);
    for request in [hubspot(&large), connectwise(&large)] {
        assert_eq!(door.call(&request).await, refused(413, "too_large"));
    }
}

/// Fault 34: a packed body is never unpacked: its bytes are what was signed, or nothing is.
#[tokio::test]
async fn a_bomb_is_never_unpacked() {
    let door = Door::open();
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&vec![b'0'; 100 * 1024 * 1024]).unwrap();
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < MOST, "{}", bomb.len());
    let packed = [
        ("content-encoding", "gzip"),
        ("x-content-signature", "AAAA"),
    ];
    let before = most_memory_kb();
    let answered = door
        .call(&posted("/in/connectwise/Cobalt", &packed, &bomb))
        .await;
    assert_eq!(answered.status, 401);
    assert!(most_memory_kb() - before < MOST_MEMORY_KB);
}

/// Fault 34.
#[tokio::test]
async fn a_length_that_is_not_the_bodys_is_refused() {
    let door = Door::open();
    let good = change();
    for (length, is_kept) in [
        (good.len().to_string(), true),
        ((good.len() + 1).to_string(), false),
        ("0".to_owned(), false),
        ("-1".to_owned(), false),
        ("1e3".to_owned(), false),
    ] {
        let mut request = hubspot(&good);
        let value = length.parse().unwrap();
        request.multi_value_headers.insert("content-length", value);
        let answered = door.call(&request).await;
        let expected = match is_kept {
            true => kept(good.as_bytes()),
            false => refused(401, "wrong_length"),
        };
        assert_eq!(answered, expected, "{length}");
    }
}

/// Fault 34: the gateway says which bodies are base64; whoever believes a wrong word verifies other
/// bytes than were signed.
#[tokio::test]
async fn a_body_that_is_not_what_the_gateway_says_is_refused() {
    let door = Door::open();
    let good = change();
    let mut plain = hubspot(&good);
    plain.body = Some(good.clone());
    plain.is_base64_encoded = false;
    assert_eq!(door.call(&plain).await, kept(good.as_bytes()));

    let mut not_encoded = hubspot(&good);
    not_encoded.body = Some(good.clone());
    assert_eq!(door.call(&not_encoded).await, refused(400, "not_base64"));

    let mut not_said = hubspot(&good);
    not_said.is_base64_encoded = false;
    assert_eq!(door.call(&not_said).await, refused(401, "bad_signature"));

    for lie in ["!", "A", "AAA", "AA==\n", "_-_-"] {
        let mut request = hubspot(&good);
        request.body = Some(format!("{}{lie}", BASE64_STANDARD.encode(&good)));
        assert_eq!(door.call(&request).await.kept.len(), 0, "{lie:?}");
    }
}

/// The most memory that this process ever had, in KiB.
fn most_memory_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}
