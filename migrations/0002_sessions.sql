-- A device signed in. A refresh token is (id, counter) and a MAC, so the row holds no secret.
create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id),
  -- The number of the one refresh token that may be used next.
  counter integer not null default 0 check (counter >= 0),
  client_id text not null,
  user_agent text not null default '',
  created_at timestamptz not null default clock_timestamp(),
  used_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  constraint sessions_absolute check (expires_at <= created_at + interval '30 days')
);
create index sessions_of_user on sessions (user_id) where revoked_at is null;
create index sessions_by_expiry on sessions (expires_at);

-- Keys that sign access tokens. The private half is encrypted under a key that is not in the database.
create table signing_keys (
  id text primary key,
  state text not null check (state in ('next', 'active', 'retired')),
  public_jwk jsonb not null,
  private_jwk_encrypted bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  activated_at timestamptz,
  retired_at timestamptz
);
create unique index signing_keys_one_active on signing_keys (state) where state = 'active';
create unique index signing_keys_one_next on signing_keys (state) where state = 'next';
