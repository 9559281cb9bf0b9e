//! Why somebody has something or lacks it: the answer, how we know, and what would change it.

use fealty_shared::permission::{AuditPermissions, ViewGroup, ViewState, ViewUser};
use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    skeleton::SkeletonRows,
};
use crate::{api::schema, i18n::texts::access as text, session::Session, web};

/// What the part draws.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Whether he has it.
    pub is_granted: bool,
    /// All of it in a sentence.
    pub sentence: String,
    /// The tree, depth first.
    pub reasons: Vec<Reason>,
    /// What would change a "no".
    pub remedies: Vec<Remedy>,
}

/// One step of the reasoning.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Reason {
    /// Index of the step that it supports.
    pub parent: Option<i32>,
    /// Whether it is so.
    pub holds: bool,
    /// In words.
    pub sentence: String,
    /// What kind of thing it speaks of.
    pub subject_kind: Option<String>,
    /// Which.
    pub subject_id: Option<cynic::Id>,
}

/// Something that would help.
#[derive(cynic::QueryFragment, Clone, Debug, PartialEq)]
pub struct Remedy {
    /// Who can do it.
    pub by: RemedyBy,
    /// In words.
    pub sentence: String,
    /// Where.
    pub href: Option<String>,
}

/// Who can do something about it.
#[derive(cynic::Enum, Clone, Copy, Debug, PartialEq)]
pub enum RemedyBy {
    /// The person.
    #[cynic(rename = "SELF")]
    Oneself,
    /// Somebody who leads the group.
    Leader,
    /// Somebody who keeps the rules.
    Admin,
}

/// Steps that support another one: those of `parent`, in their order. A step that names itself or a later one as its
/// parent cannot exist; it is left out rather than followed for ever.
fn below(reasons: &[Reason], parent: Option<usize>) -> impl Iterator<Item = (usize, &Reason)> {
    reasons.iter().enumerate().filter(move |(at, reason)| {
        let named = reason.parent.and_then(|parent| usize::try_from(parent).ok());
        named == parent && named.is_none_or(|named| named < *at)
    })
}

/// Who reads, as far as it decides where links lead.
#[derive(Clone, Copy, Debug, Default)]
struct Reader {
    /// It is about somebody else.
    other: bool,
    users: bool,
    states: bool,
    groups: bool,
    permissions: bool,
}

impl Reader {
    fn of(session: Session, other: bool) -> Self {
        untrack(|| Self {
            other,
            users: session.can::<ViewUser>(),
            states: session.can::<ViewState>(),
            groups: session.can::<ViewGroup>(),
            permissions: session.can::<AuditPermissions>(),
        })
    }
}

/// The page about what a step speaks of: where the rule is kept, for those who may see that; else the reader's own page,
/// where the step is about the reader.
fn address(kind: Option<&str>, id: Option<&str>, reader: Reader) -> Option<String> {
    let id = id?;
    match kind? {
        "user" if reader.users => Some(format!("/admin/users/{id}")),
        "state" if reader.states => Some(format!("/admin/states/{id}")),
        "group" if reader.groups => Some(format!("/admin/groups/{id}")),
        "permission" if reader.permissions => Some(format!("/admin/permissions/{id}")),
        "group" if !reader.other => Some(format!("/groups/{id}")),
        "service" if !reader.other => Some("/services".to_owned()),
        "character" if !reader.other => Some("/characters".to_owned()),
        _ => None,
    }
}

/// Whether an address is that of the page one is on: no link leads where one is.
fn is_here(address: &str) -> bool {
    let path = |address: &str| address.split(['?', '#']).next().unwrap_or_default().to_owned();
    path(address) == path(&web::current_path())
}

fn branch(reasons: &[Reason], parent: Option<usize>, reader: Reader) -> Option<AnyView> {
    let items: Vec<AnyView> = below(reasons, parent)
        .map(|(at, reason)| {
            let (class, glyph, word) = if reason.holds {
                ("reason reason-yes", Glyph::SuccessMark, text::holds())
            } else {
                ("reason reason-no", Glyph::Refused, text::does_not_hold())
            };
            let sentence = reason.sentence.clone();
            let id = reason.subject_id.as_ref().map(cynic::Id::inner);
            let href = address(reason.subject_kind.as_deref(), id, reader);
            let sentence = match href.filter(|href| !is_here(href)) {
                Some(href) => view! { <a href=href>{sentence}</a> }.into_any(),
                None => sentence.into_any(),
            };
            view! {
                <li>
                    <p class=class>
                        <Icon of=glyph />
                        <span><span class="visually-hidden">{word} ": "</span>{sentence}</span>
                    </p>
                    {branch(reasons, Some(at), reader)}
                </li>
            }
            .into_any()
        })
        .collect();
    (!items.is_empty()).then(|| view! { <ul class="reasons">{items}</ul> }.into_any())
}

/// The whole explanation.
#[component]
pub fn WhyPanel(
    /// What is known.
    explanation: Explanation,
    /// Whether the reader asks about somebody else.
    #[prop(optional)]
    other: bool,
) -> impl IntoView {
    let Explanation { is_granted, sentence, reasons, remedies } = explanation;
    let (class, glyph, word) = if is_granted {
        ("verdict verdict-yes", Glyph::SuccessMark, text::yes())
    } else {
        ("verdict verdict-no", Glyph::Refused, text::no())
    };
    let reader = Reader::of(Session::get(), other);
    let remedy = move |remedy: Remedy| {
        let who = match remedy.by {
            RemedyBy::Oneself if other => text::by_person(),
            RemedyBy::Oneself => text::by_self(),
            RemedyBy::Leader => text::by_leader(),
            RemedyBy::Admin => text::by_admin(),
        };
        // A path of this site, or nothing: links come from the server, and still only paths are followed.
        let href = remedy.href.filter(|href| web::safe_path(href) == href && !is_here(href));
        view! {
            <li class="remedy">
                <p class="remedy-who">{who}</p>
                <p>{remedy.sentence}</p>
                {href.map(|href| view! { <a class="btn btn-sm btn-quiet" href=href>{text::go()}<Icon of=Glyph::Forward /></a> })}
            </li>
        }
    };
    view! {
        <div class="why">
            <p class=class><Icon of=glyph /><span><strong>{word} ". "</strong>{sentence}</span></p>
            {(!remedies.is_empty() && !is_granted).then(|| view! {
                <h3 class="why-title">{text::remedies()}</h3>
                <ol class="remedies">{remedies.into_iter().map(remedy).collect_view()}</ol>
            })}
            {branch(&reasons, None, reader).map(|tree| view! {
                <h3 class="why-title">{text::reasons()}</h3>
                {tree}
            })}
        </div>
    }
}

/// While the explanation is on its way.
pub fn waiting() -> AnyView {
    view! { <div class="why"><SkeletonRows rows=2 /></div> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(parent: Option<i32>) -> Reason {
        Reason { parent, holds: true, sentence: String::new(), subject_kind: None, subject_id: None }
    }

    #[test]
    fn the_tree_is_read_from_the_list() {
        let reasons = [reason(None), reason(Some(0)), reason(Some(1)), reason(Some(0)), reason(None)];
        let at = |parent| below(&reasons, parent).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(at(None), [0, 4]);
        assert_eq!(at(Some(0)), [1, 3]);
        assert_eq!(at(Some(1)), [2]);
        assert!(at(Some(4)).is_empty());
    }

    #[test]
    fn a_circle_ends() {
        let reasons = [reason(None), reason(Some(2)), reason(Some(2))];
        assert_eq!(below(&reasons, Some(2)).count(), 0);
    }

    #[test]
    fn only_what_has_a_page_is_a_link() {
        let to = |kind: &str, id: &str, reader| address(Some(kind), Some(id), reader).unwrap_or_default();
        let pilot = Reader::default();
        assert_eq!(to("group", "group:3", pilot), "/groups/group:3");
        assert_eq!(to("service", "discord", pilot), "/services");
        assert_eq!(to("user", "user:3", pilot), "");
        assert_eq!(to("permission", "auth.view_user", pilot), "");
        assert_eq!(address(None, None, pilot), None);
    }

    #[test]
    fn rules_are_linked_by_right_and_own_pages_only_for_oneself() {
        let to = |kind: &str, id: &str, reader| address(Some(kind), Some(id), reader).unwrap_or_default();
        let blind = Reader { other: true, ..Reader::default() };
        for (kind, id) in
            [("service", "discord"), ("character", "7"), ("group", "group:3"), ("state", "state:1")]
        {
            assert_eq!(to(kind, id, blind), "", "{kind}");
        }
        let admin = Reader { other: true, users: true, states: true, groups: true, permissions: true };
        assert_eq!(to("state", "state:1", admin), "/admin/states/state:1");
        assert_eq!(to("group", "group:3", admin), "/admin/groups/group:3");
        assert_eq!(to("permission", "auth.view_user", admin), "/admin/permissions/auth.view_user");
        assert_eq!(to("user", "user:3", admin), "/admin/users/user:3");
        assert_eq!(to("service", "discord", admin), "");
    }
}
