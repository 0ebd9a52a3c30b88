-- Links sent by mail, to confirm an address or set a new password. The row is named after the job that
-- sends it, so that a mail sent twice carries the same link; the token is a MAC over the row's id under a
-- key that is not in the database, so nothing here opens anything.
create table email_tokens (
  id uuid primary key,
  user_id uuid not null references users (id),
  purpose text not null check (purpose in ('verify', 'reset')),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint email_tokens_expiry_in_future check (expires_at > created_at)
);
-- The newest voids older ones: at most one is open for a purpose.
create unique index email_tokens_one_open on email_tokens (user_id, purpose) where used_at is null;
