-- Characters that ESI refuses each time cost its error limit each time: they are asked about less and less often.
alter table characters
    add column affiliation_refusals smallint not null default 0 check (affiliation_refusals >= 0),
    add column affiliation_ask_after timestamptz;
comment on column characters.affiliation_refusals is 'How often in a row ESI refused to say where it flies';
comment on column characters.affiliation_ask_after is 'The hourly sync leaves it out until then; what is asked for one user does not';
