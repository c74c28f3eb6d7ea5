use super::*;

fn rate(requests: u32, seconds: u32, of: &str) -> Allowance {
    let of = of.to_owned();
    Allowance {
        requests,
        seconds,
        of,
    }
}

fn rates(rates: &[Allowance]) -> Allowed {
    Allowed {
        rates: rates.to_vec(),
        at_once: None,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn enter(budget: &mut Budget, allowed: &Allowed, purpose: &str, second: i64) -> Entry {
    let asking = Asking {
        purpose,
        allowed,
        requests: 1,
    };
    budget.enter(&asking, &format!("{purpose} {second}"), at(second))
}

fn is_in(entry: &Entry) -> bool {
    matches!(entry, Entry::In(_))
}

#[test]
fn no_stretch_of_the_vendors_time_has_more_than_it_allows() {
    let (mut budget, allowed) = (Budget::default(), rates(&[rate(100, 15, "")]));
    let mut asked = Vec::new();
    for second in 0..120 {
        for _ in 0..40 {
            if is_in(&enter(&mut budget, &allowed, "pull", second)) {
                asked.push(second);
            }
        }
    }
    assert!(asked.len() >= 350, "the budget is used: {}", asked.len());
    for begin in 0..105 {
        let within = asked.iter().filter(|at| (begin..begin + 15).contains(*at));
        assert!(within.count() <= 100, "from second {begin}");
    }
}

#[test]
fn every_limit_counts_and_says_when_it_ends() {
    let (mut budget, allowed) = (
        Budget::default(),
        rates(&[rate(100, 15, ""), rate(4, 3600, "")]),
    );
    assert!(is_in(&enter(&mut budget, &allowed, "pull", 0)));
    assert!(is_in(&enter(&mut budget, &allowed, "pull", 20)));
    let third = enter(&mut budget, &allowed, "pull", 40);
    assert_eq!(third, Entry::Later(at(3600)));
    assert!(is_in(&enter(&mut budget, &allowed, "pull", 3600)));
}

#[test]
fn a_limit_of_lists_holds_up_nothing_else_and_is_not_forgotten() {
    let all = rate(100, 10, "");
    let (lists, others) = (rates(&[all.clone(), rate(2, 1, "lists")]), rates(&[all]));
    let mut budget = Budget::default();
    assert!(is_in(&enter(&mut budget, &lists, "pull", 0)));
    assert!(is_in(&enter(&mut budget, &others, "fetch", 0)));
    let again = enter(&mut budget, &lists, "pull", 0);
    assert_eq!(again, Entry::Later(at(1)));
}

#[test]
fn nobody_asks_before_the_vendor_said() {
    let mut budget = Budget::default();
    budget.close(at(30));
    budget.close(at(20));
    let allowed = Allowed::default();
    let entry = enter(&mut budget, &allowed, "fetch", 29);
    assert_eq!(entry, Entry::Later(at(30)));
    assert!(is_in(&enter(&mut budget, &allowed, "fetch", 30)));
}

#[test]
fn three_at_once_are_three_whoever_asks_and_a_dead_one_ends_by_itself() {
    let allowed = Allowed {
        at_once: Some(3),
        ..Allowed::default()
    };
    let mut budget = Budget::default();
    for purpose in ["pull", "fetch", "feedback"] {
        assert!(is_in(&enter(&mut budget, &allowed, purpose, 0)));
    }
    let fourth = enter(&mut budget, &allowed, "fourth", 0);
    assert_eq!(fourth, Entry::Later(at(1)));
    budget.leave("fetch 0");
    assert!(is_in(&enter(&mut budget, &allowed, "fourth", 1)));
    assert!(!is_in(&enter(&mut budget, &allowed, "fifth", 59)));
    // Two of them never said that they were done.
    assert!(is_in(&enter(&mut budget, &allowed, "fifth", 60)));
    assert!(is_in(&enter(&mut budget, &allowed, "sixth", 60)));
    assert!(!is_in(&enter(&mut budget, &allowed, "seventh", 60)));
}

#[test]
fn of_all_that_wait_for_a_refused_access_one_tries_every_five_minutes() {
    let (mut budget, allowed) = (Budget::default(), Allowed::default());
    assert_eq!(budget.refuse("fetch", at(0)).since, at(0));
    assert_eq!(budget.refuse("pull", at(10)).since, at(0), "the first");
    let entry = enter(&mut budget, &allowed, "fetch", 299);
    assert_eq!(entry, Entry::Later(at(300)));
    let Entry::In(leave) = enter(&mut budget, &allowed, "fetch", 300) else {
        panic!("one tries");
    };
    assert!(leave.was_refused);
    let second = enter(&mut budget, &allowed, "fetch", 300);
    assert_eq!(second, Entry::Later(at(600)));
    assert!(!budget.accept("fetch", at(301)), "the list is refused");
    assert!(is_in(&enter(&mut budget, &allowed, "fetch", 301)));
    assert!(budget.accept("pull", at(302)));
    budget.refuse("pull of a list that is no longer asked for", at(310));
    budget.refuse("fetch", at(310));
    assert!(budget.accept("fetch", at(310 + 86_400)));
}

#[test]
fn one_renews_a_proof_at_a_time() {
    let mut budget = Budget::default();
    assert!(budget.begin_renewal("a", at(0)));
    assert!(!budget.begin_renewal("b", at(59)));
    budget.end_renewal("b");
    assert!(!budget.begin_renewal("b", at(59)), "only who began ends it");
    budget.end_renewal("a");
    assert!(budget.begin_renewal("b", at(59)));
    assert!(budget.begin_renewal("c", at(200)), "b has died");
}

#[test]
fn a_stretch_is_told_once_when_the_next_one_begins() {
    let (mut budget, allowed) = (Budget::default(), rates(&[rate(100, 15, "")]));
    let mut told = Vec::new();
    for second in [0, 1, 2, 20, 21, 40] {
        let before = budget.clone();
        assert!(is_in(&enter(&mut budget, &allowed, "pull", second)));
        told.extend(budget.ended_since(&before, &allowed));
    }
    let said: Vec<_> = told
        .iter()
        .map(|used| (used.at, used.requests, used.percent))
        .collect();
    // Half of what the vendor allows is ours.
    assert_eq!(said, [(at(0), 3, 6), (at(20), 2, 4)]);
}
