//! What a key of the book means, as its JSON Schema says.

use serde_json::Value;

use crate::commands::book::schema;

/// The descriptions of all keys.
pub struct Meanings(Value);

impl Meanings {
    /// Of the books of this version.
    pub fn read() -> Self {
        Self(schema::of_files())
    }

    /// Of a key from the top; what an entry of a list is called counts for nothing. Where the key is a
    /// name that the firm gave, this is what the table of such names means.
    pub fn of(&self, key: &str) -> String {
        let mut found = String::new();
        let mut at = &self.0;
        for name in names(key) {
            let Some(next) = self.within(at, &name) else {
                break;
            };
            if let Some(description) = next.get("description").and_then(Value::as_str) {
                found = description.replace('\n', " ");
            }
            at = next;
        }
        found
    }

    /// What stands under a name.
    fn within<'a>(&'a self, at: &'a Value, name: &str) -> Option<&'a Value> {
        let at = self.resolved(at);
        let named = at.get("properties").and_then(|known| known.get(name));
        let any = || at.get("additionalProperties").filter(|any| any.is_object());
        named.or_else(any)
    }

    /// What a description stands for: a definition, one of several forms, or the entries of a list.
    fn resolved<'a>(&'a self, mut at: &'a Value) -> &'a Value {
        loop {
            let named = at.get("$ref").and_then(Value::as_str);
            let defined = named.and_then(|name| self.0.pointer(name.trim_start_matches('#')));
            let form = || {
                let forms = ["allOf", "anyOf", "oneOf"]
                    .iter()
                    .filter_map(|any| at.get(any));
                let mut forms = forms.filter_map(Value::as_array).flatten();
                forms.find(|form| form.get("type") != Some(&"null".into()))
            };
            match defined.or_else(form).or_else(|| at.get("items")) {
                Some(next) => at = next,
                None => return at,
            }
        }
    }
}

/// The names of a key: `services[architect].sku` → `services`, `sku`.
fn names(key: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0_u32;
    for c in key.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => names.push(String::new()),
            _ if depth == 0 => {
                if let Some(name) = names.last_mut() {
                    name.push(c);
                }
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_means_what_its_description_says() {
        let meanings = Meanings::read();
        assert_eq!(
            meanings.of("services[architect].sku"),
            "The CRM's product code."
        );
        assert_eq!(
            meanings.of("entities.us.currency"),
            "ISO 4217 code of its books."
        );
        assert!(
            meanings
                .of("payment_terms.Net 30")
                .contains("payment terms")
        );
        assert_eq!(meanings.of("unheard of"), "");
    }
}
