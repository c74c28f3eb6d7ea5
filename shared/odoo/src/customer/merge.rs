//! What was posted, what Odoo has now, what the source says now, who owns it: what becomes of each
//! field of a customer.

use domain::customer::Rejected;
use domain::policy::{Change, CustomerField, CustomerOwnership, FieldPolicy, Owner};

use super::fields::{Values, same};

/// What becomes of a customer's fields.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Merged {
    /// What is written.
    pub(super) written: Values,
    /// Where a person's value is overwritten because the field belongs to the CRM.
    pub(super) restored: Vec<CustomerField>,
    /// What the CRM may not change.
    pub(super) rejected: Vec<Rejected>,
    /// What a person must decide, without the values: they may be personal.
    pub(super) conflicts: Vec<String>,
}

/// What was posted before.
pub(super) struct Before<'a> {
    /// What the versions said that Odoo may have, newest first.
    pub(super) said: &'a [Values],
    /// Of a partner that was taken on: what it had then.
    pub(super) base: &'a Values,
}

impl Before<'_> {
    /// Whether nobody has changed the field in Odoo since.
    fn is_now(&self, field: CustomerField, now: Option<&String>) -> bool {
        if let Some(base) = self.base.get(&field) {
            return same(field, Some(base), now);
        }
        let mut said = self.said.iter();
        said.any(|said| same(field, said.get(&field), now))
    }

    /// Whether the source has not changed it.
    fn is_after(&self, field: CustomerField, after: &String) -> bool {
        let mut said = self.said.iter();
        said.all(|said| same(field, said.get(&field), Some(after)))
    }
}

/// Merges the fields that the source says something about: what it does not know stays as it is.
pub(super) fn merge(
    ownership: &CustomerOwnership,
    before: &Before<'_>,
    now: &Values,
    after: &Values,
) -> Merged {
    let mut merged = Merged::default();
    for (field, value) in after {
        let (field, current) = (*field, now.get(field));
        if same(field, current, Some(value)) {
            continue;
        }
        let own = ownership.of(field);
        let unchanged = before.is_after(field, value);
        // What a partner had when it was taken on stays until its source changes.
        let is_base = unchanged && before.base.contains_key(&field);
        let change = match own.owner {
            _ if is_base => Change::Keep,
            Owner::Crm => own.rule.decide(before.is_now(field, current), unchanged),
            Owner::Psa | Owner::Odoo if unchanged => Change::Keep,
            Owner::Psa | Owner::Odoo => match own.rule {
                FieldPolicy::Manual => Change::Ask,
                FieldPolicy::FirstValue => Change::Keep,
                FieldPolicy::OwnerWins => {
                    merged.rejected.push(Rejected {
                        field,
                        owner: own.owner,
                        value: current.filter(|_| may_be_told(field)).cloned(),
                    });
                    Change::Keep
                }
            },
        };
        match change {
            Change::Keep => continue,
            Change::Ask => {
                merged.conflicts.push(conflict(field, own.owner));
                continue;
            }
            Change::Restore => merged.restored.push(field),
            Change::Write => {}
        }
        merged.written.insert(field, value.clone());
    }
    merged
}

/// Whether a value is told outside of Odoo.
const fn may_be_told(field: CustomerField) -> bool {
    !matches!(
        field,
        CustomerField::ContactName | CustomerField::ContactEmail
    )
}

fn conflict(field: CustomerField, owner: Owner) -> String {
    let field = field.name();
    match owner {
        Owner::Crm => {
            format!("the {field} was changed in Odoo, and the CRM has changed it too")
        }
        Owner::Psa | Owner::Odoo => {
            let owner = owner.name();
            format!("the CRM has changed the {field}, which belongs to {owner}")
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::policy::FieldOwner;

    use super::*;

    fn values(name: &str) -> Values {
        Values::from([(CustomerField::Name, name.to_owned())])
    }

    /// What becomes of the name: `write`, `restore`, `reject`, `ask` or `keep`.
    fn name(
        owner: Owner,
        rule: FieldPolicy,
        base: Option<&str>,
        [before, now, after]: [&str; 3],
    ) -> &'static str {
        let ownership = CustomerOwnership {
            name: FieldOwner { owner, rule },
            ..CustomerOwnership::default()
        };
        let before = Before {
            said: &[values(before)],
            base: &base.map(values).unwrap_or_default(),
        };
        let merged = merge(&ownership, &before, &values(now), &values(after));
        match merged {
            Merged { conflicts, .. } if !conflicts.is_empty() => "ask",
            Merged { rejected, .. } if !rejected.is_empty() => "reject",
            Merged { restored, .. } if !restored.is_empty() => "restore",
            Merged { written, .. } if !written.is_empty() => "write",
            _ => "keep",
        }
    }

    #[test]
    fn owner_and_rule_decide_who_wins() {
        use FieldPolicy::{FirstValue, Manual, OwnerWins};
        use Owner::{Crm, Odoo, Psa};
        for (owner, rule, values, expected) in [
            (Crm, Manual, ["a", "a", "b"], "write"),
            (Crm, Manual, ["a", "x", "b"], "ask"),
            (Crm, Manual, ["a", "x", "a"], "keep"),
            (Crm, Manual, ["a", "b", "b"], "keep"),
            (Crm, OwnerWins, ["a", "a", "b"], "write"),
            (Crm, OwnerWins, ["a", "x", "b"], "restore"),
            (Crm, OwnerWins, ["a", "x", "a"], "restore"),
            (Crm, FirstValue, ["a", "a", "b"], "keep"),
            (Odoo, OwnerWins, ["a", "a", "b"], "reject"),
            (Odoo, OwnerWins, ["a", "x", "b"], "reject"),
            (Odoo, OwnerWins, ["a", "x", "a"], "keep"),
            (Odoo, OwnerWins, ["a", "b", "b"], "keep"),
            (Odoo, Manual, ["a", "a", "b"], "ask"),
            (Odoo, FirstValue, ["a", "a", "b"], "keep"),
            (Psa, OwnerWins, ["a", "a", "b"], "reject"),
        ] {
            assert_eq!(
                name(owner, rule, None, values),
                expected,
                "{owner:?} {rule:?} {values:?}"
            );
        }
    }

    #[test]
    fn what_a_partner_had_when_it_was_taken_on_is_nobodys_change() {
        use FieldPolicy::{Manual, OwnerWins};
        let base = Some("old");
        for (rule, values, expected) in [
            (OwnerWins, ["a", "old", "a"], "keep"),
            (Manual, ["a", "old", "b"], "write"),
            (Manual, ["a", "x", "b"], "ask"),
        ] {
            assert_eq!(name(Owner::Crm, rule, base, values), expected, "{values:?}");
        }
    }

    #[test]
    fn a_tax_number_in_another_spelling_is_no_change() {
        let vat = |text: &str| Values::from([(CustomerField::Vat, text.to_owned())]);
        let before = Before {
            said: &[vat("BE0477472701")],
            base: &Values::new(),
        };
        let ownership = CustomerOwnership::default();
        let merged = merge(
            &ownership,
            &before,
            &vat("BE 0477.472.701"),
            &vat("BE0477472701"),
        );
        assert_eq!(merged, Merged::default());
    }
}
