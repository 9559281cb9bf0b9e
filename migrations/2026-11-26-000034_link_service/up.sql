-- Linking is the same for every service: an attempt says which one it is about. Those under way (15 minutes at most) begin anew.
delete from oauth_attempts where purpose = 'link_discord';
alter table oauth_attempts add column service text check (service ~ '^[a-z0-9_]+$');
alter table oauth_attempts drop constraint oauth_attempts_purpose_check;
alter table oauth_attempts add constraint oauth_attempts_purpose_check
    check (purpose in ('login', 'add_character', 'link_service') and (purpose = 'link_service') = (service is not null));
