//! What an SVG holds, read by an XML parser of others.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::render::chart::lettering;

/// A text and the box that it fills, as measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Lettered {
    pub text: String,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Lettered {
    fn touches(&self, other: &Self) -> bool {
        let room = 0.2;
        self.left + room < other.right
            && other.left + room < self.right
            && self.top + room < other.bottom
            && other.top + room < self.bottom
    }
}

#[derive(Debug)]
pub struct Parsed {
    pub width: f64,
    pub height: f64,
    pub label: String,
    pub elements: usize,
    pub texts: Vec<Lettered>,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).expect("an attribute")?;
    Some(
        found
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .expect("text")
            .into_owned(),
    )
}

fn number(element: &BytesStart<'_>, name: &str) -> f64 {
    let text = attribute(element, name).unwrap_or_default();
    text.parse().unwrap_or_else(|_| panic!("{name}={text:?}"))
}

fn lettered(element: &BytesStart<'_>, size: f64, text: String) -> Lettered {
    let (x, y) = (number(element, "x"), number(element, "y"));
    let wide = lettering::width(&text, size);
    let back = match attribute(element, "text-anchor").as_deref() {
        None => 0.0,
        Some("middle") => wide / 2.0,
        Some("end") => wide,
        other => panic!("{other:?}"),
    };
    // from the height of capitals to what hangs below the line
    let (rise, fall) = (0.76 * size, 0.2 * size);
    let is_upright = attribute(element, "transform").is_some();
    let (left, right, top, bottom) = if is_upright {
        (x - rise, x + fall, y - wide + back, y + back)
    } else {
        (x - back, x - back + wide, y - rise, y + fall)
    };
    Lettered {
        text,
        left,
        top,
        right,
        bottom,
    }
}

/// Parses an SVG, and panics where it is none.
pub fn parse(svg: &str) -> Parsed {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let mut parsed = Parsed {
        width: 0.0,
        height: 0.0,
        label: String::new(),
        elements: 0,
        texts: Vec::new(),
    };
    let (mut size, mut open, mut depth) = (0.0, None::<(BytesStart<'static>, String)>, 0);
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(element) => {
                depth += 1;
                parsed.elements += 1;
                for found in element.attributes() {
                    let found = found.expect("an attribute");
                    let is_number = !matches!(found.key.as_ref(), "aria-label" | "font-family");
                    assert!(!is_number || !found.value.contains("inf"), "{found:?}");
                }
                match element.name().as_ref() {
                    "svg" => {
                        assert_eq!(attribute(&element, "role").as_deref(), Some("img"));
                        parsed.label = attribute(&element, "aria-label").expect("a label");
                        let view = attribute(&element, "viewBox").expect("a box");
                        let sides: Vec<f64> = view
                            .split(' ')
                            .map(|side| side.parse().expect("a number"))
                            .collect();
                        (parsed.width, parsed.height) = (sides[2], sides[3]);
                    }
                    "g" => {
                        size = attribute(&element, "font-size")
                            .map_or(0.0, |size| size.parse().expect("a number"))
                    }
                    "text" => open = Some((element.into_owned(), String::new())),
                    other => panic!("{other}"),
                }
            }
            Event::Empty(element) => {
                parsed.elements += 1;
                if element.name().as_ref() == "rect" {
                    assert!(number(&element, "width") > 0.0 && number(&element, "height") > 0.0);
                }
            }
            Event::Text(text) => {
                if let Some((_, so_far)) = &mut open {
                    so_far.push_str(text.as_ref());
                }
            }
            Event::GeneralRef(reference) => {
                if let Some((_, so_far)) = &mut open {
                    so_far.push(match reference.as_ref() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "#39" => '\'',
                        other => panic!("{other}"),
                    });
                }
            }
            Event::End(element) => {
                depth -= 1;
                if element.name().as_ref() == "text" {
                    let (element, text) = open.take().expect("a text");
                    parsed.texts.push(lettered(&element, size, text));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    parsed
}

/// What is wrong with where texts are: outside of the picture or on one another.
pub fn misplaced(parsed: &Parsed) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, text) in parsed.texts.iter().enumerate() {
        let is_inside = text.left >= -0.5
            && text.top >= -0.5
            && text.right <= parsed.width + 0.5
            && text.bottom <= parsed.height + 0.5;
        if !is_inside {
            wrong.push(format!(
                "{text:?} is outside of {} × {}",
                parsed.width, parsed.height
            ));
        }
        let others = parsed.texts.iter().skip(at + 1);
        wrong.extend(
            others
                .filter(|other| text.touches(other))
                .map(|other| format!("{text:?} touches {other:?}")),
        );
    }
    wrong
}
