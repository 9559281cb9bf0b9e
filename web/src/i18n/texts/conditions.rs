//! What is wrong with the site at the moment.

texts! {
    title => En "Site status";
    lead => En "What is not working properly right now, and what to do about it.";
    well => En "Everything works";
    well_hint => En "When something doesn't, it is shown here and at the top of every page.";
    details => En "What to do";
    since => En "Since";
    what_to_do => En "What to do";
    detail => En "Last error";
    critical => En "Critical";
    warning => En "Warning";
    dismiss(what: &str) => En "Hide until you come back: {what}";
}
