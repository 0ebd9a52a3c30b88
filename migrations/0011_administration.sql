-- What administrators do to accounts: invite, block, change the role, find.
alter table users
  -- When an administrator invited this person, who has no password of their own until the link is used.
  add column invited_at timestamptz,
  -- Why, for the eyes of administrators. About a person, so it goes with the block and with the person.
  add column blocked_reason text,
  add constraint users_blocked_reason_short check (char_length(blocked_reason) <= 500),
  add constraint users_blocked_reason_of_block check (
    blocked_reason is null or (blocked_at is not null and erased_at is null)
  );

-- Whoever erases a person erases this too, also a version that does not know these columns yet.
create or replace function users_erase_profile() returns trigger language plpgsql as $$
begin
  new.name := null;
  new.avatar_url := null;
  new.company := null;
  new.blocked_reason := null;
  return new;
end $$;

alter table email_tokens
  drop constraint email_tokens_purpose_check,
  add constraint email_tokens_purpose_check check (purpose in ('verify', 'reset', 'invite'));

-- Somebody can always manage the installation. Who ceases to be an administrator waits for others who do at
-- the same moment, and then looks whether anybody is left: of the last two only one can go.
create function users_keep_an_admin() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(4711004);
  if not exists (
    select from users where role = 'admin' and blocked_at is null and erased_at is null
  ) then
    raise exception 'the last active administrator stays'
      using errcode = 'check_violation', constraint = 'users_last_admin';
  end if;
  return null;
end $$;
create trigger users_last_admin after update of role, blocked_at, erased_at on users
  for each row
  when (old.role = 'admin' and old.blocked_at is null and old.erased_at is null
    and (new.role <> 'admin' or new.blocked_at is not null or new.erased_at is not null))
  execute function users_keep_an_admin();

-- Nobody is credited who is blocked. Blocking holds the code as retiring it does, so a registration has
-- either finished before, or it comes here after and sees the block.
create function referrals_refuse_blocked() returns trigger language plpgsql as $$
begin
  if exists (
    select from added join users on users.id = added.referrer_id where users.blocked_at is not null
  ) then
    raise exception 'the referrer is blocked'
      using errcode = 'check_violation', constraint = 'referrals_of_unblocked';
  end if;
  return null;
end $$;
create trigger referrals_of_unblocked after insert on referrals
  referencing new table as added
  for each statement execute function referrals_refuse_blocked();

-- Lists of users, newest first: by what few of them have.
create index users_admins on users (id) where role = 'admin';
create index users_blocked on users (id) where blocked_at is not null;
create index users_by_verification on users ((email_verified_at is not null), id);
-- Sign-ins of a user, ended ones too: each sign-in asks whether the device is known.
create index sessions_history on sessions (user_id, id desc);

-- Search for a part of an address or name. The extension comes with PostgreSQL and whoever owns the database
-- may install it; where it is missing, search finds the same and takes longer.
do $$
begin
  create extension if not exists pg_trgm;
  create index users_search on users using gin (email_key gin_trgm_ops, username_key gin_trgm_ops)
    with (fastupdate = off);
exception when insufficient_privilege or undefined_file or feature_not_supported then
  raise notice 'Search in users goes without an index: %', sqlerrm;
end $$;
