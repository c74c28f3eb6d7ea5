//! Which system owns which field of a customer.

use serde::{Deserialize, Serialize};

use super::FieldPolicy;

/// A system that may own a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The CRM that the customer comes from.
    Crm,
    /// The PSA.
    Psa,
    /// Odoo.
    Odoo,
}

impl Owner {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crm => "the CRM",
            Self::Psa => "the PSA",
            Self::Odoo => "Odoo",
        }
    }
}

/// Who owns a field, and what happens when it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldOwner {
    /// Whose value counts.
    pub owner: Owner,
    /// For a field of the CRM: what happens when a person has changed it in Odoo. For a field of
    /// another owner: what happens when the CRM changes it, where `owner_wins` means that Odoo keeps its
    /// value and the change is rejected.
    #[serde(default)]
    pub rule: FieldPolicy,
}

/// Who owns the fields of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CustomerOwnership {
    /// `name`.
    pub name: FieldOwner,
    /// `vat`.
    pub vat: FieldOwner,
    /// `country_id`.
    pub country: FieldOwner,
    /// `street`.
    pub street: FieldOwner,
    /// `zip`.
    pub postcode: FieldOwner,
    /// `city`.
    pub city: FieldOwner,
    /// `lang`. Odoo fills it by itself, so that what the CRM says counts unless the book says otherwise.
    pub language: FieldOwner,
    /// `property_payment_term_id`, in each company. Odoo owns it unless the book says otherwise.
    pub payment_terms: FieldOwner,
    /// The billing contact's `name`.
    pub contact_name: FieldOwner,
    /// The billing contact's `email`.
    pub contact_email: FieldOwner,
}

impl Default for CustomerOwnership {
    fn default() -> Self {
        let crm = FieldOwner {
            owner: Owner::Crm,
            rule: FieldPolicy::Manual,
        };
        let odoo = FieldOwner {
            owner: Owner::Odoo,
            rule: FieldPolicy::OwnerWins,
        };
        Self {
            name: crm,
            vat: crm,
            country: crm,
            street: crm,
            postcode: crm,
            city: crm,
            language: FieldOwner {
                owner: Owner::Crm,
                rule: FieldPolicy::OwnerWins,
            },
            payment_terms: odoo,
            contact_name: crm,
            contact_email: crm,
        }
    }
}

impl CustomerOwnership {
    /// Whether all fields have the default, which need not be written down.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Who owns a field.
    pub const fn of(&self, field: CustomerField) -> FieldOwner {
        match field {
            CustomerField::Name => self.name,
            CustomerField::Vat => self.vat,
            CustomerField::Country => self.country,
            CustomerField::Street => self.street,
            CustomerField::Postcode => self.postcode,
            CustomerField::City => self.city,
            CustomerField::Language => self.language,
            CustomerField::PaymentTerms => self.payment_terms,
            CustomerField::ContactName => self.contact_name,
            CustomerField::ContactEmail => self.contact_email,
        }
    }
}

/// A field of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CustomerField {
    /// The company's name.
    Name,
    /// Tax identification number.
    Vat,
    /// ISO 3166-1 alpha-2 code.
    Country,
    /// Street and number.
    Street,
    /// Postcode.
    Postcode,
    /// City.
    City,
    /// Language.
    Language,
    /// Payment terms.
    PaymentTerms,
    /// The billing contact's name.
    ContactName,
    /// The billing contact's e-mail address.
    ContactEmail,
}

impl CustomerField {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Vat => "tax number",
            Self::Country => "country",
            Self::Street => "street",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::Language => "language",
            Self::PaymentTerms => "payment terms",
            Self::ContactName => "billing contact's name",
            Self::ContactEmail => "billing contact's e-mail address",
        }
    }
}
