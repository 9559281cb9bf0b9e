//! The decision by itself, on handmade facts.

use chrono::{DateTime, Duration};

use super::*;
use crate::{access::Actor, groups::Pilot};

fn states() -> Vec<State> {
    let state = |id, name: &str, priority| State { id, name: name.into(), priority, ..State::default() };
    vec![
        State { carries: true, ..state(3, "Member", 100) },
        state(2, "Blue", 50),
        State { is_public: true, is_guest: true, ..state(1, "Guest", 0) },
    ]
}

fn mirel() -> Character {
    Character {
        id: 90,
        name: "Mirel".into(),
        corporation: Some("Ashen Vanguard".into()),
        alliance: Some("Ashen Pact".into()),
        listed: vec![(3, Listed::Alliance)],
        ..Character::default()
    }
}

fn alt() -> Character {
    Character { id: 91, name: "Alt".into(), corporation: Some("Driftglass".into()), ..Character::default() }
}

/// A member whose state carries the permission.
fn member() -> Facts {
    Facts {
        user_id: 7,
        username: "mirel".into(),
        is_active: true,
        is_registered: true,
        is_superuser: false,
        main: Some(90),
        is_request_granted: true,
        characters: vec![alt(), mirel()],
        states: states(),
        grant: None,
        groups: Vec::new(),
        target: Target::Permission {
            name: "auth.timer_view".into(),
            description: "Can see structure timers".into(),
        },
    }
}

/// The same with the alt as main: a guest.
fn guest() -> Facts {
    Facts { main: Some(91), is_request_granted: false, ..member() }
}

/// An ordinary pilot who is asking.
fn asking(pilot: Pilot) -> Asker {
    let who = groups::Asker {
        actor: Actor::System,
        pilot,
        is_superuser: false,
        manages_all: false,
        sees_all: false,
        sees_users: false,
        is_admin: false,
        is_limited: false,
        leads: Vec::new(),
    };
    Asker { who, sees_states: false }
}

/// The user of the facts.
fn themselves(facts: &Facts) -> Asker {
    asking(facts.pilot())
}

/// Somebody else, who can only join what is open to everybody.
fn somebody() -> Asker {
    asking(Pilot { user_id: 8, is_active: true, has_main: true, state_id: 1, may_request: false })
}

fn admin() -> Asker {
    let somebody = somebody();
    let who = groups::Asker { manages_all: true, sees_all: true, sees_users: true, ..somebody.who };
    Asker { who, sees_states: true }
}

fn group(id: i64, name: &str) -> Group {
    Group { id, name: name.into(), is_public: true, ..Group::default() }
}

fn joined(group: Group) -> Group {
    let member = Member { since: DateTime::UNIX_EPOCH, is_started: true, ..Member::default() };
    Group { member: Some(member), ..group }
}

fn steps(facts: &Facts, asker: &Asker) -> Vec<(By, Step)> {
    explain(facts, asker).unwrap().remedies.into_iter().map(|remedy| (remedy.by, remedy.step)).collect()
}

#[test]
fn a_yes_names_the_way_that_leads_to_it() {
    let said = explain(&member(), &themselves(&member())).unwrap();
    assert!(said.is_granted);
    assert_eq!(
        said.sentence,
        "You have the permission “Can see structure timers” (auth.timer_view): your state Member carries it, and lists \
         the alliance Ashen Pact, where Mirel flies."
    );
    assert!(said.remedies.is_empty());
    let rules: Vec<_> = said.reasons.iter().map(|r| (r.rule, r.holds, r.parent)).collect();
    assert_eq!(
        rules,
        [
            ("permission", true, None),
            ("active", true, Some(0)),
            ("direct", false, Some(0)),
            ("state_permission", true, Some(0)),
            ("state_alliance", true, Some(3)),
            ("group_permission", false, Some(0)),
        ]
    );
    // Somebody else reads the same about them.
    let said = explain(&member(), &admin()).unwrap();
    assert!(said.sentence.starts_with("mirel has the permission"), "{}", said.sentence);
    assert!(said.reasons.iter().any(|r| r.sentence == "None of their groups carries it."));
}

#[test]
fn every_way_is_named() {
    let mut facts = member();
    facts.is_superuser = true;
    facts.grant = Some(Grant {
        is_started: true,
        ends_at: Some(DateTime::UNIX_EPOCH + Duration::days(1)),
        ..Grant::default()
    });
    facts.groups = vec![joined(group(4, "Scouts"))];
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(
        said.sentence,
        "You have the permission “Can see structure timers” (auth.timer_view): you are a superuser, and superusers have \
         every permission; also it is granted to you directly until 1970-01-02 00:00; also your state Member carries it, \
         and lists the alliance Ashen Pact, where Mirel flies; also the group Scouts, in which you have been since \
         1970-01-01 00:00, carries it."
    );
}

#[test]
fn a_no_says_what_is_missing_and_what_helps_most_easily_first() {
    let mut facts = guest();
    facts.groups = vec![
        Group { is_open: true, ..group(4, "Scouts") },
        group(5, "Haulers"),
        Group {
            is_public: false,
            is_askers: true,
            has_leaders: true,
            has_leaders_who_see_users: true,
            ..group(6, "Council")
        },
        // They could not join it, so for them there is no such group.
        Group { is_public: false, ..group(8, "Others") },
    ];
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(
        said.sentence,
        "You do not have the permission “Can see structure timers” (auth.timer_view): it is not granted to you directly; \
         your state Guest does not carry it; none of your groups carries it."
    );
    let remedies: Vec<_> =
        said.remedies.iter().map(|r| (r.by, r.sentence.as_str(), r.href.as_deref())).collect();
    assert_eq!(
        remedies,
        [
            (
                By::Himself,
                "Make Mirel your main character: with it your state would be Member.",
                Some("/characters")
            ),
            (By::Himself, "Join the group Scouts.", Some("/groups/group:4")),
            (By::Himself, "Ask to join the group Haulers.", Some("/groups/group:5")),
            (By::Leader, "A leader of the group can add you to Council.", Some("/groups/group:6")),
            (By::Admin, "A superuser can grant the permission to you directly.", None),
        ]
    );
}

#[test]
fn groups_that_are_not_for_his_eyes_are_not_named() {
    let mut facts = guest();
    facts.groups = vec![
        Group { is_hidden: true, ..group(4, "Moles") },
        Group { is_internal: true, ..group(5, "Inner Circle") },
        Group { is_internal: true, is_askers: true, ..group(6, "Own Circle") },
    ];
    let all = format!("{:?}", explain(&facts, &themselves(&facts)));
    assert!(!all.contains("Moles") && !all.contains("Inner Circle") && all.contains("Own Circle"), "{all}");
    let all = format!("{:?}", explain(&facts, &admin()));
    assert!(all.contains("Moles") && all.contains("Inner Circle"), "{all}");
    let mut manager = admin();
    manager.who.sees_all = false;
    let all = format!("{:?}", explain(&facts, &manager));
    assert!(all.contains("Moles") && !all.contains("Inner Circle"), "{all}");
}

#[test]
fn who_may_ask_about_a_group() {
    let about = |group: Group| Facts { target: Target::Group(group), ..guest() };
    let knows = |group: &Group| explain(&about(group.clone()), &themselves(&guest())).is_some();
    let hidden = Group { is_hidden: true, ..group(4, "Moles") };
    assert!(knows(&hidden), "it is public: its link lets them join");
    let limited = Group { states: Some(vec![3]), ..group(4, "Scouts") };
    let closed = Group { is_public: false, ..group(5, "Council") };
    let internal = Group { is_internal: true, ..group(6, "Inner Circle") };
    for group in [&limited, &closed, &internal] {
        for group in [group.clone(), Group { is_hidden: true, ..group.clone() }] {
            assert!(!knows(&group), "{group:?}");
            assert!(explain(&about(group.clone()), &somebody()).is_none());
            assert!(explain(&about(group.clone()), &admin()).is_some());
            assert!(explain(&about(joined(group.clone())), &somebody()).is_some(), "they see the user");
            assert!(knows(&Group { is_askers: true, ..group }), "a member, or asks");
        }
    }
}

#[test]
fn lists_of_other_states_stay_unknown_to_members() {
    let mut facts = guest();
    facts.characters = vec![alt()];
    let said = explain(&facts, &themselves(&facts)).unwrap();
    let all = format!("{said:?}");
    assert!(!all.contains("Member") && !all.contains("Blue"), "{all}");
    assert!(steps(&facts, &themselves(&facts)).contains(&(By::Himself, Step::LinkCharacter)));
    assert!(format!("{:?}", explain(&facts, &admin())).contains("the state Member fits"));
}

#[test]
fn a_state_of_higher_priority_comes_before() {
    let mut facts = member();
    facts.characters[1].listed.push((2, Listed::Corporation));
    facts.target = Target::State(facts.states[1].clone());
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(
        said.sentence,
        "You do not have the state Blue but Member: the state Blue lists the corporation Ashen Vanguard, where Mirel \
         flies, but Member comes before it."
    );
    assert!(steps(&facts, &admin()).contains(&(By::Admin, Step::RaiseState(2))));
    // If it were only listed, the main would stay Member.
    facts.characters[1].listed.pop();
    let said = explain(&facts, &admin()).unwrap();
    assert!(steps(&facts, &admin()).contains(&(By::Admin, Step::ListInAndRaiseState(2))));
    let sentence = "An administrator can list their main character, or where it flies, in the state, and give it a higher \
                    priority than Member.";
    assert!(said.remedies.iter().any(|remedy| remedy.sentence == sentence), "{:?}", said.remedies);
    let lower = Facts { target: Target::State(facts.states[0].clone()), ..guest() };
    assert!(steps(&lower, &admin()).contains(&(By::Admin, Step::ListInState(3))));
    facts.target = Target::State(facts.states[0].clone());
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(
        said.sentence,
        "You have the state Member: the state Member lists the alliance Ashen Pact, where Mirel flies."
    );
}

#[test]
fn states_that_are_not_ones_own_do_not_exist() {
    let asks = |facts: &Facts, at: usize, asker: &Asker| {
        let target = Target::State(facts.states[at].clone());
        explain(&Facts { target, ..facts.clone() }, asker).is_some()
    };
    let facts = member();
    // Member is theirs, Blue is not, Guest is for everybody.
    for (asker, expected) in [
        (asking(facts.pilot()), [true, false, true]),
        (admin(), [true, true, true]),
        (somebody(), [true, false, false]),
    ] {
        assert_eq!([0, 1, 2].map(|at| asks(&facts, at, &asker)), expected, "{asker:?}");
    }
    // If they once had it, or it lists one of their characters, they may ask; others still may not.
    let mut had = member();
    had.states[1].was_his = true;
    let mut listed = member();
    listed.characters[0].listed.push((2, Listed::Corporation));
    for facts in [had, listed] {
        assert!(asks(&facts, 1, &themselves(&facts)));
        assert!(!asks(&facts, 1, &somebody()));
    }
}

#[test]
fn without_a_main_there_is_no_service() {
    let spec = crate::services::SPECS[0];
    let mut facts = Facts { main: None, target: Target::Service(spec), ..guest() };
    facts.grant = Some(Grant { is_started: true, ..Grant::default() });
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(said.sentence, format!("You may not use {}: you have no main character.", spec.title));
    assert_eq!(steps(&facts, &themselves(&facts)), [(By::Himself, Step::ChooseAnyMain)]);
    facts.characters.clear();
    assert_eq!(steps(&facts, &themselves(&facts)), [(By::Himself, Step::LinkCharacter)]);
    facts.grant = None;
    assert!(steps(&facts, &themselves(&facts)).contains(&(By::Admin, Step::GrantPermission)));
}

#[test]
fn a_disabled_account_is_switched_on_first() {
    let mut facts = Facts { is_active: false, ..member() };
    assert_eq!(steps(&facts, &admin()), [(By::Admin, Step::SwitchOn)]);
    let said = explain(&facts, &admin()).unwrap();
    assert_eq!(
        said.sentence,
        "mirel does not have the permission “Can see structure timers” (auth.timer_view): their account is switched off."
    );
    facts.is_registered = false;
    assert_eq!(steps(&facts, &admin()), [(By::Himself, Step::FinishRegistration)]);
    facts.main = None;
    facts.characters.clear();
    let steps = steps(&facts, &admin());
    assert_eq!(steps[0], (By::Himself, Step::FinishRegistration));
    assert!(steps.contains(&(By::Admin, Step::GrantPermission)), "and more is needed: {steps:?}");
}

#[test]
fn what_has_not_begun_is_waited_for() {
    let later = DateTime::UNIX_EPOCH + Duration::days(1);
    let mut facts = guest();
    facts.characters.clear();
    facts.states[0].carries = false;
    facts.grant = Some(Grant { starts_at: Some(later), ..Grant::default() });
    let mut begun = joined(group(4, "Scouts"));
    begun.member = begun.member.map(|member| Member { starts_at: Some(later), is_started: false, ..member });
    facts.groups = vec![begun];
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert!(!said.is_granted);
    let sentences: Vec<_> = said.remedies.iter().map(|remedy| remedy.sentence.as_str()).collect();
    assert_eq!(
        sentences[..2],
        [
            "Wait until 1970-01-02 00:00: then your direct grant begins.",
            "Wait until 1970-01-02 00:00: then your membership of Scouts begins."
        ]
    );
}

#[test]
fn a_request_waits_for_its_leaders() {
    let asked = Group { asked_at: Some(DateTime::UNIX_EPOCH), ..group(4, "Scouts") };
    let facts = Facts { target: Target::Group(asked.clone()), ..guest() };
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(
        said.sentence,
        "You are not in the group Scouts: you asked to join on 1970-01-01 00:00, and nobody has decided yet."
    );
    assert_eq!(steps(&facts, &themselves(&facts)), [(By::Admin, Step::AcceptRequest(4))], "nobody leads it");
    let led = Group { has_leaders: true, ..asked };
    let restricted = Group { is_restricted: true, ..led.clone() };
    for (group, by) in [(led, By::Leader), (restricted, By::Admin)] {
        let facts = Facts { target: Target::Group(group), ..guest() };
        assert_eq!(steps(&facts, &themselves(&facts)), [(by, Step::AcceptRequest(4))]);
    }
}

#[test]
fn a_request_that_cannot_be_accepted_says_why() {
    let asked = Group {
        asked_at: Some(DateTime::UNIX_EPOCH),
        is_askers: true,
        is_public: false,
        has_leaders: true,
        ..group(4, "Scouts")
    };
    let facts = Facts { target: Target::Group(asked), ..guest() };
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(
        said.sentence,
        "You are not in the group Scouts: you asked to join on 1970-01-01 00:00, but that cannot be accepted now; it is \
         not public, and you do not have the permission “Can request non-public groups” (groupmanagement.request_groups) \
         to ask for it."
    );
    // Any leader of the group may add those who ask.
    assert_eq!(steps(&facts, &themselves(&facts)), [(By::Leader, Step::AddToGroup(4))]);
}

#[test]
fn only_leaders_who_see_users_add_whom_they_will() {
    let closed = Group { is_public: false, has_leaders: true, ..group(4, "Council") };
    let seeing = Group { has_leaders_who_see_users: true, ..closed.clone() };
    let restricted = Group { is_restricted: true, ..seeing.clone() };
    for (group, by, who) in [
        (closed, By::Admin, "An administrator"),
        (seeing, By::Leader, "A leader of the group"),
        (restricted, By::Admin, "A superuser"),
    ] {
        let facts = Facts { target: Target::Group(group), ..guest() };
        let said = explain(&facts, &admin()).unwrap();
        assert_eq!(said.remedies[0].sentence, format!("{who} can add them to Council."));
        assert_eq!(steps(&facts, &admin()), [(by, Step::AddToGroup(4))]);
    }
}

#[test]
fn whoever_has_no_main_chooses_one_before_joining() {
    let facts = Facts { main: None, target: Target::Group(group(4, "Scouts")), ..guest() };
    let said = explain(&facts, &admin()).unwrap();
    assert!(said.sentence.contains("they have no main character"), "{}", said.sentence);
    assert_eq!(
        steps(&facts, &admin()),
        [
            (By::Himself, Step::ChooseMain(91)),
            (By::Himself, Step::ChooseMain(90)),
            (By::Admin, Step::AddToGroup(4)),
        ]
    );
    assert_eq!(
        said.remedies[0].sentence,
        "They can make Alt their main character, and then ask to join the group Scouts."
    );
    let mut none = facts.clone();
    none.characters.clear();
    assert_eq!(steps(&none, &admin())[0], (By::Himself, Step::LinkCharacter));
    // In Mirel's state, Member, they would not be let in.
    let guests = Group { states: Some(vec![1]), ..group(4, "Scouts") };
    let facts = Facts { target: Target::Group(guests), ..facts };
    assert_eq!(steps(&facts, &admin())[0], (By::Himself, Step::ChooseMain(91)));
    assert_eq!(steps(&facts, &admin())[1], (By::Admin, Step::AddToGroup(4)));
}

#[test]
fn a_group_for_other_states_says_so() {
    // They asked before they lost their state.
    let limited = Group { states: Some(vec![3, 2]), is_askers: true, ..group(4, "Scouts") };
    let facts = Facts { target: Target::Group(limited), ..guest() };
    let said = explain(&facts, &themselves(&facts)).unwrap();
    assert_eq!(
        said.sentence,
        "You are not in the group Scouts: you are not a member; only users in Member or Blue may be in it, and your state \
         is Guest."
    );
    let steps = steps(&facts, &themselves(&facts));
    assert_eq!(steps[0], (By::Himself, Step::ChooseMain(90)));
}
