-- Which fields of the profile the user has set, emptied ones included: enrichment leaves them alone.
alter table users
  add column profile_own text[] not null default '{}',
  add constraint users_profile_own check (profile_own <@ array['name', 'avatar_url', 'company']);

-- What retention looks through each day.
create index sessions_by_end on sessions (revoked_at) where revoked_at is not null;
create index email_tokens_by_expiry on email_tokens (expires_at);
