//! Reads, measures and caches documents.
//!
//! A document is measured here, before the schema sees it: the schema's own checks walk a fragment once for every
//! place it is spread, and fragments that spread fragments multiply. An async-graphql extension would run too late
//! for that, and would cost every field of every request. Documents that were answered are cached, because clients
//! send the same few over and over.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_graphql::{
    Response, ServerError,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType, Selection, SelectionSet},
    },
};

use super::limits::{ALIASES, DOCUMENT, ROOT_FIELDS, SELECTIONS, too_much, with_code};

/// Total weight of the cached documents: some 10 MB.
const KEPT: usize = 50_000;
/// This many bytes of a document's text weigh as much as one field: values and comments have weight, too.
const BYTES: usize = 8;
/// The most that a document of the visitors' pages weighs.
const LIGHT: usize = 300;

/// A document that is small enough to be processed.
#[derive(Debug)]
pub struct Document {
    /// The parsed document.
    pub read: ExecutableDocument,
    /// Root fields of all operations together; those in fragments count each time they are spread.
    pub root_fields: u32,
    /// Whether any of its operations is a mutation.
    pub is_mutation: bool,
    /// Whether being valid once means being valid with any variables: there is one operation, and it takes none.
    pub is_constant: bool,
    /// Fields and fragments as written, plus the text.
    weight: usize,
}

/// Documents that were answered before.
#[derive(Debug, Clone, Default)]
pub struct Documents(Arc<RwLock<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    by_text: HashMap<String, Arc<Document>>,
    weight: usize,
}

impl Documents {
    /// Looks up a document that was answered before.
    #[must_use]
    pub fn known(&self, text: &str) -> Option<Arc<Document>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_text.get(text).cloned()
    }

    /// Caches a document that was answered without an error, and so is valid.
    pub fn keep(&self, text: &str, document: &Arc<Document>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // When somebody keeps sending new documents, start over rather than track who used which.
        if kept.weight + document.weight > KEPT {
            *kept = Kept::default();
        }
        if kept.by_text.insert(text.to_owned(), Arc::clone(document)).is_none() {
            kept.weight += document.weight;
        }
    }
}

impl Document {
    /// Whether answering it again costs next to nothing.
    #[must_use]
    pub const fn is_light(&self) -> bool {
        !self.is_mutation && self.weight <= LIGHT
    }

    /// Reads and measures a document.
    ///
    /// # Errors
    /// An `INVALID` response for one that cannot be parsed or asks for too much.
    pub fn read(text: &str) -> Result<Self, Box<Response>> {
        Self::measured(text).map_err(|error| Box::new(Response::from_errors(vec![error])))
    }

    fn measured(text: &str) -> Result<Self, ServerError> {
        if text.len() > DOCUMENT {
            return Err(too_much(format!("A document has at most {DOCUMENT} bytes.")));
        }
        let read = parse_query(text).map_err(|error| with_code(error.into(), "INVALID"))?;
        let mut measure = Measure { document: &read, fragments: HashMap::new(), aliases: 0, written: 0 };
        let mut all = Size::default();
        for (_, operation) in read.operations.iter() {
            all.add(measure.set(&operation.node.selection_set.node)?);
        }
        // The schema checks fragments that are never spread, too.
        for name in read.fragments.keys() {
            all.add(Size { top: 0, all: measure.fragment(name)?.all });
        }
        let (weight, aliases) = (measure.written + text.len() / BYTES, measure.aliases);
        if all.all > SELECTIONS {
            return Err(too_large());
        }
        if all.top > ROOT_FIELDS {
            return Err(too_much(format!("A request may ask for at most {ROOT_FIELDS} fields at its root.")));
        }
        if aliases > ALIASES {
            return Err(too_much(format!("A request may have at most {ALIASES} aliases.")));
        }
        let is_mutation = read.operations.iter().any(|(_, o)| o.node.ty == OperationType::Mutation);
        let is_constant = read.operations.iter().count() == 1
            && read.operations.iter().all(|(_, o)| o.node.variable_definitions.is_empty());
        let root_fields = u32::try_from(all.top).unwrap_or(u32::MAX);
        Ok(Self { root_fields, is_mutation, is_constant, weight, read })
    }
}

fn too_large() -> ServerError {
    too_much(format!("A request may have at most {SELECTIONS} fields, those of fragments counted each time."))
}

/// The size of a selection with every spread replaced by its fragment.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Fields of the selection itself.
    top: usize,
    /// Fields and fragments at any depth.
    all: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.top = self.top.saturating_add(other.top);
        self.all = self.all.saturating_add(other.all);
    }
}

/// Measures each fragment once, however often it is spread.
struct Measure<'d> {
    document: &'d ExecutableDocument,
    /// `None` while being measured: meeting that means the fragments form a cycle.
    fragments: HashMap<&'d str, Option<Size>>,
    /// As written: fragments count once.
    aliases: usize,
    written: usize,
}

impl<'d> Measure<'d> {
    fn set(&mut self, set: &'d SelectionSet) -> Result<Size, ServerError> {
        let mut size = Size::default();
        for item in &set.items {
            self.written += 1;
            let inner = match &item.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    let inner = self.set(&field.node.selection_set.node)?;
                    Size { top: 1, all: inner.all }
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            size.add(inner);
            size.all = size.all.saturating_add(1);
            if size.all > SELECTIONS {
                return Err(too_large());
            }
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &str) -> Result<Size, ServerError> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            // The schema reports this.
            return Ok(Size::default());
        };
        match self.fragments.get(name.as_str()) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(too_much(format!("The fragment {name} contains itself."))),
            None => {}
        }
        self.fragments.insert(name, None);
        let size = self.set(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn refusal(text: &str) -> String {
        Document::measured(text).unwrap_err().message
    }

    #[test]
    fn fragments_that_multiply_are_refused_at_once() {
        // 4^26 fields in a few hundred characters.
        let mut text = "{viewer{...f0}}".to_owned();
        for n in 0..26 {
            write!(text, " fragment f{n} on Viewer{{{}}}", format!("...f{} ", n + 1).repeat(4)).unwrap();
        }
        text += " fragment f26 on Viewer{__typename}";
        assert!(refusal(&text).contains("2000 fields"), "{}", refusal(&text));
        // The same when nothing spreads the first fragment.
        assert!(refusal(&text.replacen("...f0", "isStaff", 1)).contains("2000 fields"));
    }

    #[test]
    fn circles_are_refused() {
        let text = "{...A} fragment A on Query{...B site{name}} fragment B on Query{...A}";
        assert!(refusal(text).contains("contains itself"));
    }

    #[test]
    fn what_is_written_out_is_limited_too() {
        assert!(refusal(&format!("{{viewer{{{}}}}}", "a ".repeat(3_000))).contains("2000 fields"));
        let fragments = (0..300).fold("{viewer{isStaff}}".to_owned(), |mut text, n| {
            write!(
                text,
                " fragment f{n} on Viewer{{isStaff isStaff isStaff isStaff isStaff isStaff isStaff}}"
            )
            .unwrap();
            text
        });
        assert!(refusal(&fragments).contains("2000 fields"));
        assert!(refusal(&format!("{{site{{name}}}} #{}", "x".repeat(DOCUMENT))).contains("bytes"));
        assert!(refusal(&format!("{{{}}}", "site{name} ".repeat(40))).contains("at its root"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let documents = Documents::default();
        let mut texts = Vec::new();
        for n in 0..60 {
            let text = format!("{{viewer{{{}}}}} #{n}", "isStaff ".repeat(1_900));
            documents.keep(&text, &Arc::new(Document::read(&text).unwrap()));
            texts.push(text);
        }
        let kept = texts.iter().filter(|text| documents.known(text).is_some()).count();
        assert!((1..=KEPT / 1_900).contains(&kept), "{kept}");
        assert!(documents.known(texts.last().unwrap()).is_some());
        // Text that is not a field counts, too.
        for n in 0..60 {
            let text = format!("{{site{{name}}}} #{n}{}", "x".repeat(30_000));
            documents.keep(&text, &Arc::new(Document::read(&text).unwrap()));
        }
        let bytes: usize = documents.0.read().unwrap().by_text.keys().map(String::len).sum();
        assert!(bytes <= KEPT * BYTES, "{bytes}");
    }

    #[test]
    fn a_document_says_what_it_is() {
        let of = |text: &str| {
            let document = Document::read(text).unwrap();
            (document.root_fields, document.is_mutation, document.is_constant)
        };
        assert_eq!(of("{site{name} ...A} fragment A on Query{viewer{isStaff} site{name}}"), (3, false, true));
        assert_eq!(of("mutation($a: ID!){joinGroup(input:{groupId:$a}){status}}"), (1, true, false));
        assert_eq!(of("query Site{site{name}}"), (1, false, true));
        assert_eq!(of("query A{site{name}} mutation B{logout{status}}"), (2, true, false));
    }
}
