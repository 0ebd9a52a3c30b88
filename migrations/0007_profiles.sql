-- What enrichment finds out about a person; empty until then, and text of strangers.
alter table users
  add column name text,
  add column avatar_url text,
  add column company text,
  add constraint users_profile_short check (
    char_length(name) <= 100 and char_length(company) <= 100 and char_length(avatar_url) <= 500
  ),
  add constraint users_profile_erased check (
    erased_at is null or num_nonnulls(name, avatar_url, company) = 0
  );

-- Whoever erases a person erases this too, also a version that does not know these columns yet.
create function users_erase_profile() returns trigger language plpgsql as $$
begin
  new.name := null;
  new.avatar_url := null;
  new.company := null;
  return new;
end $$;
create trigger users_erase_profile before update of erased_at on users
  for each row when (new.erased_at is not null) execute function users_erase_profile();
