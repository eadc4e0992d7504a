//! PNG: mail programs show neither SVG nor `data:` addresses.

use super::Error;

/// Colours that a table of colours can hold.
const TABLE: usize = 256;
/// How hard tables are compressed: more than this makes them a twentieth smaller and takes a third longer.
const LEVEL: u8 = 4;
/// Places of the hash table of colours: sixteen times what it holds.
const PLACES: usize = 4_096;

/// Encodes three bytes a pixel; with a table of colours where they are few, which makes a third of the size.
///
/// # Errors
/// If encoding fails.
pub fn encode(pixels: &[u8], size: (u32, u32)) -> Result<Vec<u8>, Error> {
    let failed = |error: png::EncodingError| Error::Encoding(error.to_string());
    let mut bytes = Vec::with_capacity(65_536);
    let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let table = tabled(pixels);
    match &table {
        Some((colors, _)) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(colors.as_slice());
            encoder.set_filter(png::Filter::NoFilter);
            encoder.set_deflate_compression(png::DeflateCompression::Level(LEVEL));
        }
        None => encoder.set_color(png::ColorType::Rgb),
    }
    let data = table.as_ref().map_or(pixels, |(_, places)| places);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(data).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// The colours of a picture and for each pixel the place of its colour; `None` if there are too many.
fn tabled(pixels: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut colors: Vec<u8> = Vec::with_capacity(3 * TABLE);
    let mut places = Vec::with_capacity(pixels.len() / 3);
    let mut slots: Vec<Option<(u32, u8)>> = vec![None; PLACES];
    let mut before: Option<(u32, u8)> = None;
    for pixel in pixels.chunks_exact(3) {
        let [red, green, blue] = pixel else { continue };
        let color = u32::from_be_bytes([0, *red, *green, *blue]);
        let place = match before {
            Some((same, place)) if same == color => place,
            _ => {
                let mut slot = (color.wrapping_mul(0x9e37_79b1) >> 20) as usize;
                loop {
                    match slots.get_mut(slot % PLACES)? {
                        Some((same, place)) if *same == color => break *place,
                        Some(_) => slot += 1,
                        free => {
                            let place = u8::try_from(colors.len() / 3).ok()?;
                            *free = Some((color, place));
                            colors.extend_from_slice(pixel);
                            break place;
                        }
                    }
                }
            }
        };
        before = Some((color, place));
        places.push(place);
    }
    Some((colors, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Vec<u8> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("a picture");
        pixels
    }

    #[test]
    fn few_and_many_colours_come_back_as_they_were() {
        for colors in [1, 2, 255, 256, 257, 5_000_u32] {
            let pixels: Vec<u8> = (0..10_000)
                .flat_map(|at: u32| {
                    let color = at.wrapping_mul(31) % colors * 257;
                    [color as u8, (color >> 8) as u8, (color >> 16) as u8]
                })
                .collect();
            let bytes = encode(&pixels, (100, 100)).expect("a PNG");
            assert!(decoded(&bytes) == pixels, "{colors}");
            assert_eq!(tabled(&pixels).is_some(), colors <= 256, "{colors}");
        }
    }
}
