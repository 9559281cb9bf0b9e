//! How many gain and lose one thing by an edit: the row of a preview.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    identifier::identifier,
    timeline::AccessKind,
};
use crate::i18n::{format, texts::rules as text};

/// What kind of thing, what it is called, and how many lose and gain it. `tells_effect`: whether the reader is told what
/// losing a service does.
pub fn change_count(kind: AccessKind, title: &str, gained: i32, lost: i32, tells_effect: bool) -> AnyView {
    let number = |count: i32, words: fn(i32) -> String, class, glyph| {
        (count > 0).then(|| {
            view! {
                <span class=class>
                    <Icon of=glyph />
                    {format::number(count.into())}
                    <span class="visually-hidden">" " {words(count)}</span>
                </span>
            }
        })
    };
    let effect = (tells_effect && kind == AccessKind::Service && lost > 0)
        .then(|| view! { <span class="preview-effect">{text::service_effect()}</span> });
    view! {
        <span class="preview-kind"><Icon of=kind.glyph() />{kind.name()}</span>
        <span class="preview-name">{identifier(title)}{effect}</span>
        {number(lost, text::lose_it, "change change-lost", Glyph::Lost)}
        {number(gained, text::gain_it, "change change-gained", Glyph::Gained)}
    }
    .into_any()
}
