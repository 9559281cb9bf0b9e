-- EVE may give a new refresh token for the old one. If its answer is lost, the old one is dead although nothing happened to
-- the character: that a refresh is under way is written before it is sent.
alter table esi_tokens add column attempted_at timestamptz;
comment on column esi_tokens.attempted_at is 'Since when a refresh is under way whose answer was not stored; a refusal after it says nothing about the character';
