//! Names, tax numbers and addresses as they are compared: without what people write differently.

/// A tax number with its country's prefix, in capitals, without spaces, dots and dashes; none when
/// it says nothing. Odoo's users write `/` for "has none".
pub fn tax_number(number: &str, country: Option<&str>) -> Option<String> {
    let plain: String = number
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if plain.is_empty() {
        return None;
    }
    match country.map(prefix) {
        Some(prefix) if !plain.starts_with(&prefix) => Some(format!("{prefix}{plain}")),
        _ => Some(plain),
    }
}

/// A tax number without its country's prefix: what every way of writing it has in common.
pub fn core(number: &str, country: Option<&str>) -> String {
    let plain = tax_number(number, None).unwrap_or_default();
    let prefix = country.map(prefix);
    let stripped = prefix.and_then(|prefix| plain.strip_prefix(&prefix).map(str::to_owned));
    stripped.unwrap_or(plain)
}

/// The prefix of a country's tax numbers. Greece has its own.
/// <https://taxation-customs.ec.europa.eu/vat-identification-numbers_en>
fn prefix(country: &str) -> String {
    match country.to_ascii_uppercase().as_str() {
        "GR" => "EL".to_owned(),
        other => other.to_owned(),
    }
}

/// The words of a name in lower case. Dots vanish, so that `G.m.b.H.` is `gmbh`; everything else
/// that is neither letter nor digit separates.
pub fn words(name: &str) -> Vec<String> {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '.' | '\'' | '’'))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().map(str::to_owned).collect()
}

/// An e-mail address in lower case, without the name that may stand before it.
pub fn mailbox(email: &str) -> String {
    let within = email.rsplit_once('<').map_or(email, |(_, within)| within);
    let within = within.split('>').next().unwrap_or_default();
    within.trim().to_lowercase()
}

/// The domain of an e-mail address, in lower case.
pub fn domain_of(email: &str) -> Option<String> {
    let mailbox = mailbox(email);
    let (_, domain) = mailbox.rsplit_once('@')?;
    host(domain)
}

/// The domain of a web address or of a bare domain, in lower case and without `www.`.
pub fn host(address: &str) -> Option<String> {
    let address = address.trim().to_lowercase();
    let rest = address
        .split_once("://")
        .map_or(&*address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).trim_matches('.');
    let is_domain = host.contains('.') && !host.contains(char::is_whitespace);
    is_domain.then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tax_number_is_the_same_however_it_is_written() {
        for (number, country, expected) in [
            ("BE 0477.472.701", Some("BE"), Some("BE0477472701")),
            ("0477472701", Some("be"), Some("BE0477472701")),
            ("be0477-472-701", None, Some("BE0477472701")),
            ("094014201", Some("GR"), Some("EL094014201")),
            ("/", Some("BE"), None),
            ("  ", None, None),
        ] {
            assert_eq!(tax_number(number, country).as_deref(), expected, "{number}");
        }
        assert_eq!(core("BE 0477.472.701", Some("BE")), "0477472701");
        assert_eq!(core("0477.472.701", Some("BE")), "0477472701");
    }

    #[test]
    fn a_name_is_its_words() {
        assert_eq!(words("ACME  G.m.b.H."), ["acme", "gmbh"]);
        assert_eq!(words("Acme, GmbH"), ["acme", "gmbh"]);
        assert_eq!(words("Müller & Söhne"), ["müller", "söhne"]);
        assert!(words(" - ").is_empty());
    }

    #[test]
    fn a_domain_is_read_from_addresses_of_web_and_mail() {
        for (address, expected) in [
            ("https://www.Acme.example/about?x=1", Some("acme.example")),
            ("acme.example:8443", Some("acme.example")),
            ("acme", None),
            ("two words.example", None),
        ] {
            assert_eq!(host(address).as_deref(), expected, "{address}");
        }
        assert_eq!(mailbox("Ada <Ada@Acme.example>"), "ada@acme.example");
        let domain = domain_of("Ada <ada@Acme.Example>");
        assert_eq!(domain.as_deref(), Some("acme.example"));
        assert_eq!(domain_of("nobody"), None);
    }
}
