//! Which addresses may be asked for a signing key.
//!
//! The address stands in a body that nobody has verified yet. Following it blindly would let
//! anybody make us call an internal service, or trust a key of their own.

use crate::facts::proof::FetchedKey;

/// Whether this address may be asked for a key of this account: HTTPS on its own port, without
/// user or fragment, on the account's own host or else one of the vendor's, naming the account
/// exactly once.
pub fn is_allowed(key: &FetchedKey, url: &str, account: &str, own_host: Option<&str>) -> bool {
    let Some((host, query)) = host_and_query(url) else {
        return false;
    };
    // The same account name may exist in another region of the vendor: a firm that says where it
    // lives is asked nowhere else.
    let known = match own_host {
        Some(own) => own.eq_ignore_ascii_case(&host),
        None => key
            .allowed_hosts
            .iter()
            .any(|pattern| matches(pattern, &host)),
    };
    known && names_once(query, &key.account_parameter, account)
}

/// The host in lower case and the query of an address; none for anything unusual, because two
/// readers of an unusual address may see two different hosts.
pub(crate) fn host_and_query(url: &str) -> Option<(String, &str)> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<');
    if url.len() > 2048 || !url.bytes().all(plain) {
        return None;
    }
    let rest = url.strip_prefix("https://")?;
    let (authority, path_and_query) = rest.split_once('/')?;
    let host = authority.strip_suffix(":443").unwrap_or(authority);
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !host.bytes().all(letters) || !is_name(host) {
        return None;
    }
    let query = path_and_query
        .split_once('?')
        .map_or("", |(_, query)| query);
    Some((host.to_ascii_lowercase(), query))
}

/// Whether a host is a name with a domain, and not a number in one of the many ways in which an
/// address of the own network can be written: `10.0.0.1`, `2130706433`, `0x7f.1`.
fn is_name(host: &str) -> bool {
    let last = host.rsplit_once('.').map(|(_, last)| last);
    last.is_some_and(|last| last.starts_with(|first: char| first.is_ascii_alphabetic()))
}

fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => host
            .strip_suffix(domain)
            .and_then(|labels| labels.strip_suffix('.'))
            .is_some_and(|labels| labels.split('.').all(|label| !label.is_empty())),
        None => pattern == host,
    }
}

fn names_once(query: &str, parameter: &str, account: &str) -> bool {
    let mut values = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| *name == parameter)
        .map(|(_, value)| value);
    values.next() == Some(account) && values.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::proof::{Key, Proof};

    fn connectwise_key() -> &'static FetchedKey {
        let source = crate::source("connectwise").unwrap();
        let Proof::Signature(signature) = &source.facts.verify[0].by else {
            panic!("callbacks are signed");
        };
        match &signature.key {
            Key::Sha256OfFetched(key) => key,
            Key::Text | Key::Base64 { .. } | Key::Hex => panic!("the key is fetched"),
        }
    }

    #[test]
    fn only_the_vendors_hosts_are_asked_and_only_for_this_account() {
        let key = connectwise_key();
        let allowed = |url: &str| is_allowed(key, url, "Cobalt", None);
        let path = "v2025_1//system/callbackkey/index.rails?companyName=Cobalt&id=e17e";
        for host in [
            "sandbox-na.myconnectwise.net",
            "API-EU.myconnectwise.net",
            "api-na.myconnectwise.net:443",
        ] {
            assert!(allowed(&format!("https://{host}/{path}")), "{host}");
        }
        for host in [
            "myconnectwise.net",
            ".myconnectwise.net",
            "evilmyconnectwise.net",
            "myconnectwise.net.evil.example",
            "a..myconnectwise.net",
            "169.254.169.254",
            "[::1]",
            "localhost",
            "evil.example",
            "user@api-na.myconnectwise.net",
            "api-na.myconnectwise.net@evil.example",
            "evil.example\\.myconnectwise.net",
            "evil.example?.myconnectwise.net",
            "evil.example#.myconnectwise.net",
            "evil.example%2f.myconnectwise.net",
            "api-na.myconnectwise.net:8443",
            "api-na.myconnectwise.net:443:443",
            "api-nä.myconnectwise.net",
            "other.example.com",
        ] {
            assert!(!allowed(&format!("https://{host}/{path}")), "{host}");
        }
        let host = "https://api-na.myconnectwise.net";
        for bad in [
            format!("http://api-na.myconnectwise.net/{path}"),
            format!("HTTPS://api-na.myconnectwise.net/{path}"),
            format!("{host}/k?companyName=Other"),
            format!("{host}/k?companyName=cobalt"),
            format!("{host}/k?companyName=Cobalt&companyName=Other"),
            format!("{host}/k?id=1"),
            format!("{host}/k#?companyName=Cobalt"),
            format!("{host}/ k?companyName=Cobalt"),
            host.to_owned(),
            String::new(),
        ] {
            assert!(!allowed(&bad), "{bad}");
        }
    }

    #[test]
    fn a_firm_that_names_its_host_is_asked_nowhere_else() {
        let key = connectwise_key();
        let allowed = |host: &str| {
            let url = format!("https://{host}/k?companyName=Cobalt");
            is_allowed(key, &url, "Cobalt", Some("psa.example.com"))
        };
        assert!(allowed("psa.example.com"));
        assert!(allowed("PSA.example.com:443"));
        assert!(!allowed("api-na.myconnectwise.net"));
    }

    #[test]
    fn an_address_of_the_own_network_is_not_asked_even_when_it_is_configured() {
        let key = connectwise_key();
        for host in [
            "169.254.169.254",
            "10.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "api.0x7f",
            "localhost",
            "metadata.",
        ] {
            let url = format!("https://{host}/k?companyName=Cobalt");
            assert!(!is_allowed(key, &url, "Cobalt", Some(host)), "{host}");
        }
    }
}
