//! What is wrong with the site at the moment.

texts! {
    title => En "Site status";
    lead => En "What does not work as it should at the moment, and what to do about it.";
    well => En "Everything works";
    well_hint => En "When something does not, it is shown here and above every page.";
    details => En "What to do";
    since => En "Since";
    what_to_do => En "What to do";
    detail => En "What went wrong last";
    critical => En "Critical";
    warning => En "Warning";
    dismiss(what: &str) => En "Hide until you come back: {what}";
}
