alter table esi_tokens drop column attempted_at;
