alter table characters
    drop column affiliation_refusals,
    drop column affiliation_ask_after;
