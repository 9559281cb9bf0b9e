//! Encodes a square RGB picture.

use super::draw::Picture;

/// PNG of `size` by `size` pixels; the picture's side must divide it.
pub(super) fn encode(picture: &Picture, size: u32) -> Vec<u8> {
    let factor = (size / picture.side).max(1);
    let mut pixels = Vec::with_capacity((size * size * 3) as usize);
    for y in 0..size {
        for x in 0..size {
            pixels.extend_from_slice(&picture.pixel(x / factor, y / factor));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    // Writing to memory only fails for wrong dimensions; an empty body will do then.
    if written.is_ok() { bytes } else { Vec::new() }
}
