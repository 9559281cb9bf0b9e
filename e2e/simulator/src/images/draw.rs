//! Draws portraits and logos: smooth shapes whose colours and proportions follow from the id.

use crate::world::mix;

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Head and shoulders in front of a nebula.
    Portrait,
    /// A symmetric emblem.
    Logo,
}

type Rgb = [f32; 3];

/// A square picture.
pub(super) struct Picture {
    pub(super) side: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    pub(super) fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        self.pixels[(y * self.side + x) as usize]
    }
}

/// Draws it. Coordinates run from -1 to 1 in both directions, y downwards.
pub(super) fn draw(kind: Kind, id: i64, side: u32) -> Picture {
    let traits = Traits::of(id);
    let scale = 2.0 / side as f32;
    let mut pixels = Vec::with_capacity((side * side) as usize);
    for row in 0..side {
        for column in 0..side {
            let (x, y) = ((column as f32 + 0.5) * scale - 1.0, (row as f32 + 0.5) * scale - 1.0);
            let colour = match kind {
                Kind::Portrait => portrait(&traits, x, y, scale),
                Kind::Logo => logo(&traits, x, y, scale),
            };
            pixels.push(colour.map(|part| (part.clamp(0.0, 1.0) * 255.0) as u8));
        }
    }
    Picture { side, pixels }
}

/// Everything that makes one picture differ from another, each value from 0 to 1.
struct Traits {
    parts: [f32; 12],
}

impl Traits {
    fn of(id: i64) -> Self {
        Self {
            parts: std::array::from_fn(|index| {
                (mix(mix(id as u64) ^ index as u64) >> 40) as f32 / 16_777_216.0
            }),
        }
    }

    fn between(&self, part: usize, low: f32, high: f32) -> f32 {
        low + (high - low) * self.parts[part]
    }
}

fn portrait(traits: &Traits, x: f32, y: f32, pixel: f32) -> Rgb {
    // Blues, violets and reds; greens and yellows make people look ill.
    let hue = traits.between(0, 0.45, 1.06);
    let glow = 1.0 - ((x - traits.between(1, -0.6, 0.6)).hypot(y + 0.5) / 1.7).min(1.0);
    let mut colour = blend(hsl(hue, 0.45, 0.10), hsl(hue + 0.12, 0.55, 0.38), glow * glow);
    let skin = hsl(0.065, traits.between(2, 0.28, 0.5), traits.between(3, 0.28, 0.72));
    let hair =
        hsl(traits.between(4, 0.02, 0.12), traits.between(5, 0.05, 0.5), traits.between(6, 0.06, 0.42));
    let suit = hsl(hue + 0.5, 0.30, traits.between(7, 0.16, 0.34));
    let light = 0.82 + 0.28 * (0.5 - x * 0.6 - y * 0.3).clamp(0.0, 1.0);

    let width = traits.between(8, 0.31, 0.37);
    let long = traits.between(9, -0.15, 0.75);
    // Hair behind the head, shoulders, collar, neck, face, fringe; later ones cover earlier ones.
    colour = cover(
        colour,
        shade(hair, light * 0.8),
        ellipse(x, y, 0.0, -0.18, width + 0.11, 0.52).max(y - long),
        pixel,
    );
    colour = cover(colour, shade(suit, light), ellipse(x, y, 0.0, 1.12, 0.86, 0.66), pixel);
    colour =
        cover(colour, shade(hsl(hue + 0.5, 0.6, 0.55), light), ellipse(x, y, 0.0, 0.60, 0.27, 0.14), pixel);
    colour = cover(colour, shade(skin, light * 0.8), (x.abs() - 0.15).max((y - 0.38).abs() - 0.25), pixel);
    colour = cover(colour, shade(skin, light), ellipse(x, y, 0.0, -0.10, width, 0.45), pixel);
    let fringe = ellipse(x, y, 0.0, -0.34, width + 0.06, 0.36)
        .max(y + traits.between(10, 0.22, 0.34) - x * traits.between(11, -0.35, 0.35));
    cover(colour, shade(hair, light), fringe, pixel)
}

fn logo(traits: &Traits, x: f32, y: f32, pixel: f32) -> Rgb {
    let hue = traits.parts[0];
    let back = hsl(hue, 0.35, 0.09 + 0.05 * (1.0 - y));
    let main = hsl(hue, traits.between(1, 0.4, 0.7), 0.55);
    let second = hsl(hue + traits.between(2, 0.08, 0.5), 0.55, 0.42);
    let radius = x.hypot(y);
    let petals = 3.0 + (traits.parts[3] * 5.0).floor();
    // Mirrored at the vertical axis, so that emblems look designed rather than random.
    let angle = x.abs().atan2(-y);
    let wave = traits.between(4, 0.10, 0.24) * (angle * petals).cos();
    let outer = radius - (0.68 + wave);
    let inner = radius - (0.36 - wave * traits.between(5, -1.0, 1.0));
    let ring = (radius - 0.88).abs() - traits.between(6, 0.02, 0.05);
    let blade = (x.abs() * traits.between(7, 1.5, 4.0) + y.abs()) - traits.between(8, 0.5, 0.8);
    let mut colour = cover(back, main, ring, pixel);
    colour = cover(colour, second, outer, pixel);
    colour = cover(colour, main, blade, pixel);
    colour = cover(colour, back, inner, pixel);
    cover(colour, shade(main, 1.3), radius - traits.between(9, 0.08, 0.2), pixel)
}

/// Signed distance to an ellipse, close enough for a soft edge.
fn ellipse(x: f32, y: f32, cx: f32, cy: f32, rx: f32, ry: f32) -> f32 {
    (((x - cx) / rx).hypot((y - cy) / ry) - 1.0) * rx.min(ry)
}

/// Paints where the distance is negative, with an edge one pixel wide.
fn cover(under: Rgb, over: Rgb, distance: f32, pixel: f32) -> Rgb {
    blend(under, over, (0.5 - distance / pixel).clamp(0.0, 1.0))
}

fn blend(a: Rgb, b: Rgb, share: f32) -> Rgb {
    std::array::from_fn(|part| a[part] + (b[part] - a[part]) * share)
}

fn shade(colour: Rgb, light: f32) -> Rgb {
    colour.map(|part| part * light)
}

fn hsl(hue: f32, saturation: f32, lightness: f32) -> Rgb {
    let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
    let channel = |shift: f32| {
        let position = (hue + shift).rem_euclid(1.0) * 6.0;
        lightness + chroma * (((position - 3.0).abs() - 1.0).clamp(0.0, 1.0) - 0.5)
    };
    [channel(0.0), channel(2.0 / 3.0), channel(1.0 / 3.0)]
}
