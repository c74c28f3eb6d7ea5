//! Who may do what in the console.

use serde::Deserialize;

use super::Book;

/// Somebody who uses the console, or everybody who assumes an IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The end of the ARN by which IAM knows them, behind the account: `user/ada`,
    /// `assumed-role/AWSReservedSSO_Finance_0123456789abcdef`, or with `/ada` behind it one user of
    /// that permission set.
    pub who: String,
    /// What they are to the firm.
    pub roles: Vec<Role>,
}

/// What somebody is to the firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees what became of everything, without prices, rates and amounts.
    Delivery,
    /// The same, for those who sell.
    Sales,
    /// Links, corrects, tries again, and writes books; sees amounts.
    Steward,
    /// Confirms contracts, lets flows go, approves books and puts them into force.
    Finance,
    /// Dead letters, a lost ledger, what is tried again.
    Operations,
    /// Everything.
    Administrator,
}

/// Something that the console does for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// See what waits, what is held and what became of an id.
    Look,
    /// See prices, rates and amounts.
    SeeAmounts,
    /// Say which records of two systems are one.
    Link,
    /// Have a parked record tried again.
    Retry,
    /// Confirm a contract, let a flow go.
    Decide,
    /// Publish a book, try it, agree to it.
    WriteBook,
    /// Put a book into force, or the one before.
    ActivateBook,
    /// Send dead letters back, rebuild the ledger.
    Operate,
}

impl Role {
    /// Whether the role has a right.
    pub const fn may(self, right: Right) -> bool {
        match self {
            Self::Delivery | Self::Sales => matches!(right, Right::Look),
            Self::Steward => matches!(
                right,
                Right::Look | Right::SeeAmounts | Right::Link | Right::Retry | Right::WriteBook
            ),
            Self::Finance => !matches!(right, Right::Operate),
            Self::Operations => matches!(
                right,
                Right::Look | Right::SeeAmounts | Right::Retry | Right::Operate
            ),
            Self::Administrator => true,
        }
    }
}

impl Right {
    /// What it is called where it is refused.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::SeeAmounts => "see amounts",
            Self::Link => "link records",
            Self::Retry => "have records tried again",
            Self::Decide => "confirm contracts and let flows go",
            Self::WriteBook => "publish, try and approve books",
            Self::ActivateBook => "put books into force",
            Self::Operate => "send dead letters back and rebuild the ledger",
        }
    }
}

impl Book {
    /// Whether somebody may do something. A book that names nobody leaves it to IAM who may use the
    /// console, and for what.
    pub fn may(&self, arn: &str, right: Right) -> bool {
        let mut people = self.people.iter().filter(|person| person.is(arn));
        self.people.is_empty() || people.any(|person| person.may(right))
    }
}

impl Person {
    /// Whether this is somebody who may do it.
    pub fn may(&self, right: Right) -> bool {
        self.roles.iter().any(|role| role.may(right))
    }

    /// What an ARN names behind its account is this, or somebody in this role.
    fn is(&self, arn: &str) -> bool {
        let named = arn.splitn(6, ':').nth(5).unwrap_or_default();
        let within = named.strip_prefix(self.who.as_str());
        within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::DEMO;

    fn book(people: &str) -> Book {
        Book::parse(&format!("{DEMO}#: z.toml\n{people}")).unwrap()
    }

    #[test]
    fn a_book_that_names_nobody_leaves_it_to_iam() {
        assert!(book("").may("arn:aws:iam::1:user/anybody", Right::Operate));
    }

    #[test]
    fn each_role_may_what_it_is_for_and_nobody_else_may_anything() {
        let book = book(
            "[[people]]\nwho = \"user/ada\"\nroles = [\"finance\"]\n\
             [[people]]\nwho = \"user/stu\"\nroles = [\"steward\"]\n\
             [[people]]\nwho = \"user/pim\"\nroles = [\"delivery\"]\n\
             [[people]]\nwho = \"assumed-role/AWSReservedSSO_Ops_1\"\nroles = [\"operations\"]\n",
        );
        let may = |who: &str, right| book.may(&format!("arn:aws:sts::1:{who}"), right);
        assert!(may("user/ada", Right::ActivateBook) && !may("user/ada", Right::Operate));
        assert!(may("user/pim", Right::Look));
        for right in [
            Right::SeeAmounts,
            Right::Retry,
            Right::Link,
            Right::WriteBook,
        ] {
            assert!(!may("user/pim", right), "{right:?}");
        }
        let ops = "assumed-role/AWSReservedSSO_Ops_1/bob";
        assert!(may(ops, Right::Operate) && !may(ops, Right::ActivateBook));
        for stranger in [
            "user/adam",
            "user/eve",
            "assumed-role/AWSReservedSSO_Ops_12/bob",
        ] {
            assert!(!may(stranger, Right::Look), "{stranger}");
        }
    }

    #[test]
    fn a_book_that_nobody_could_ever_replace_is_refused() {
        let locked = "[[people]]\nwho = \"user/ada\"\nroles = [\"finance\"]\n";
        let refused = Book::parse(&format!("{DEMO}#: z.toml\n{locked}"));
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("people.roles") && refused.contains("2 people"),
            "{refused}"
        );
        let two = format!("{locked}[[people]]\nwho = \"user/bob\"\nroles = [\"steward\"]\n");
        assert!(Book::parse(&format!("{DEMO}#: z.toml\n{two}")).is_ok());
    }
}
