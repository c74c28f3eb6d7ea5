use jiff::civil::date;

use super::*;
use crate::judge::deal_tests::{complete, order_of};

#[test]
fn of_several_prices_the_one_that_began_last_counts() {
    let mut order = order_of(&complete());
    let mut dearer = order.lines[0].clone();
    dearer.reference = Reference::new("hubspot", "1", "line_item", "later");
    dearer.from = Some(date(2027, 3, 15));
    order.lines.push(dearer);
    let on = |day| {
        let line = order.line_for(&LogTime::of_somebody("senior_consultant", day));
        line.map(|line| line.reference.id())
    };
    assert_eq!(on(date(2027, 3, 14)), Some("1"));
    assert_eq!(on(date(2027, 3, 15)), Some("later"));
    assert_eq!(
        order.line_for(&LogTime::of_somebody("fixed_fee", date(2027, 3, 15))),
        None,
        "it takes no time"
    );
    order.lines.remove(0);
    let before = LogTime::of_somebody("senior_consultant", date(2027, 3, 14));
    assert_eq!(order.line_for(&before), None);
}

#[test]
fn a_persons_price_counts_before_a_roles_and_that_before_everybodys() {
    let mut order = order_of(&complete());
    let day = date(2026, 12, 1);
    let mut add = |id: &str, employee: Option<&str>, role: Option<&str>, until| {
        let line = OrderLine {
            reference: Reference::new("hubspot", "1", "line_item", id),
            only: Some(OnlyFor {
                employee: employee.map(str::to_owned),
                role: role.map(str::to_owned),
            }),
            until,
            ..order.lines[0].clone()
        };
        order.lines.push(line);
    };
    add("role", None, Some("Principal"), None);
    add("alice", Some("hr.alice"), None, Some(day));
    let on = |employee: &str, role: Option<&str>, day| {
        let mut time = LogTime::of_somebody("senior_consultant", day);
        time.employee = employee.to_owned();
        time.coding.work_role = role.map(str::to_owned);
        order
            .line_for(&time)
            .map(|line| line.reference.id().to_owned())
    };
    let line = |id: &str| Some(id.to_owned());
    assert_eq!(on("hr.bob", None, day), line("1"));
    assert_eq!(on("hr.bob", Some("Principal"), day), line("role"));
    assert_eq!(on("hr.alice", Some("Principal"), day), line("alice"));
    let later = date(2026, 12, 2);
    assert_eq!(on("hr.alice", None, later), None, "her price has ended");
}
