//! A book with a second account of its CRM.

/// The book with another account beside the one of its CRM, read by the same words; the projects of
/// its PSA name the deals of the first.
///
/// # Panics
/// When the book has not one CRM with this account and one PSA after it.
pub fn book(book: &str, first: &str, other: &str) -> String {
    let (before, rest) = book.split_once("[[crm]]").expect("a CRM");
    let (crm, psa) = rest.split_once("[[psa]]").expect("a PSA");
    let account = |account: &str| format!("account = \"{account}\"");
    assert!(crm.contains(&account(first)), "it is the CRM's account");
    let also = crm.replace(&account(first), &account(other));
    format!("{before}[[crm]]{crm}[[crm]]{also}[[psa]]\ncrm_account = \"{first}\"{psa}")
}
