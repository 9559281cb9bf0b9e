//! The image server, `https://images.evetech.net`: `/{category}/{id}/{variation}?size=N&tenant=..`.
//!
//! Unknown ids get a picture like all others, just as the real server sends its default image; nobody can use it to
//! find out who exists. Pictures are drawn (`draw.rs`) and encoded (`png.rs`) once and then cached.

mod draw;
mod png;

use std::collections::HashMap;

use poem::http::{Method, StatusCode, header};

use crate::{
    core::{Core, lock},
    http::{Call, Reply},
};

/// Pictures drawn so far.
pub(crate) type Gallery = HashMap<(draw::Kind, i64, u32), Vec<u8>>;

/// Beyond this many, pictures are forgotten and drawn again.
const KEPT: usize = 4_000;
/// The size if `size` is absent; the real server sends the original.
const ORIGINAL: u32 = 256;

/// Answers one request.
pub(crate) fn answer(core: &Core, call: &Call) -> Reply {
    if call.method != Method::GET && call.method != Method::HEAD {
        return Reply::text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    }
    let segments = call.segments();
    let (category, id, variation) = match segments[..] {
        [category, id] => (category, id, None),
        [category, id, variation] => (category, id, Some(variation)),
        _ => return not_found("no such image"),
    };
    let Some((kind, variations)) = kind(category) else { return not_found("invalid category") };
    let Some(id) = id.parse().ok().filter(|id| *id > 0) else { return not_found("invalid id") };
    if call.query("tenant").is_some_and(|tenant| !["tranquility", "singularity"].contains(&tenant)) {
        return Reply::text(StatusCode::BAD_REQUEST, "invalid tenant");
    }
    let Some(variation) = variation else { return Reply::json(StatusCode::OK, &variations) };
    if !variations.contains(&variation) {
        return not_found("invalid variation");
    }
    match call.query("size").map_or(Some(ORIGINAL), size) {
        Some(size) => picture(core, kind, id, size),
        None => Reply::text(StatusCode::BAD_REQUEST, "invalid size"),
    }
}

fn not_found(why: &str) -> Reply {
    Reply::text(StatusCode::NOT_FOUND, why)
}

fn kind(category: &str) -> Option<(draw::Kind, &'static [&'static str])> {
    match category {
        "characters" => Some((draw::Kind::Portrait, &["portrait"])),
        "corporations" | "alliances" => Some((draw::Kind::Logo, &["logo"])),
        "types" => Some((draw::Kind::Logo, &["icon", "render"])),
        _ => None,
    }
}

/// A power of two from 32 to 1024.
fn size(text: &str) -> Option<u32> {
    text.parse::<u32>().ok().filter(|size| size.is_power_of_two() && (32..=1_024).contains(size))
}

fn picture(core: &Core, kind: draw::Kind, id: i64, size: u32) -> Reply {
    // Larger ones are drawn at 256 and stretched by the encoder: good enough for a stand-in, and fast.
    let known = lock(&core.images).get(&(kind, id, size)).cloned();
    let bytes = known.unwrap_or_else(|| {
        let bytes = png::encode(&draw::draw(kind, id, size.min(256)), size);
        let mut gallery = lock(&core.images);
        if gallery.len() >= KEPT {
            gallery.clear();
        }
        gallery.insert((kind, id, size), bytes.clone());
        bytes
    });
    Reply::image("image/png", bytes)
        .with(header::CACHE_CONTROL, "public, max-age=3600")
        .with(header::ETAG, format!("\"{id}-{size}\""))
        .with(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
}
