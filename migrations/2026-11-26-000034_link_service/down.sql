delete from oauth_attempts where purpose = 'link_service';
alter table oauth_attempts drop constraint oauth_attempts_purpose_check;
alter table oauth_attempts drop column service;
alter table oauth_attempts add constraint oauth_attempts_purpose_check
    check (purpose in ('login', 'add_character', 'link_discord'));
