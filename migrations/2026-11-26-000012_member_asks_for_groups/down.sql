-- What an installation began with is its operator's by now.
select 1;
