//! Which identities of IAM are one person.

/// How many people these are.
pub fn distinct<'a>(arns: impl IntoIterator<Item = &'a str>) -> usize {
    let mut people: Vec<&str> = Vec::new();
    for arn in arns {
        if !people.iter().any(|known| same_person(known, arn)) {
            people.push(arn);
        }
    }
    people.len()
}

/// Whether two identities of IAM are one person: the same name, or two roles of the same user of
/// IAM Identity Center, which puts the user's name behind the role's.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
pub fn same_person(one: &str, other: &str) -> bool {
    let user = |arn: &str| {
        let role = arn.split_once(":assumed-role/AWSReservedSSO_")?.1;
        role.rsplit_once('/').map(|(_, user)| user.to_owned())
    };
    one == other || user(one).is_some_and(|user_of_one| Some(user_of_one) == user(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_roles_of_one_user_are_one_person() {
        let role = |role: &str, user: &str| {
            format!("arn:aws:sts::1:assumed-role/AWSReservedSSO_{role}/{user}")
        };
        assert!(same_person(
            &role("Finance_1", "ada"),
            &role("Cloud_2", "ada")
        ));
        assert!(!same_person(
            &role("Finance_1", "ada"),
            &role("Finance_1", "bob")
        ));
        let user = "arn:aws:iam::1:user/ada";
        assert!(same_person(user, user) && !same_person(user, "arn:aws:iam::1:user/bob"));
        // Whoever assumes an ordinary role chooses the last part themselves.
        let session = "arn:aws:sts::1:assumed-role/Finance/ada";
        assert!(!same_person(
            session,
            "arn:aws:sts::1:assumed-role/Cloud/ada"
        ));
    }
}
