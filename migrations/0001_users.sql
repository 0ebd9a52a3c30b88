-- People with an account. An erased user keeps the row, so that the counts of others stay true.
create table users (
  id uuid primary key,
  -- The order of registration: a referrer always has the smaller number, which rules out cycles.
  seq bigint generated always as identity unique,
  email text,
  -- The address as it is compared: trimmed, normalised, lower case.
  email_key text,
  username text,
  username_key text,
  password_hash text,
  role text not null default 'user' check (role in ('user', 'admin')),
  locale text not null default 'en' check (locale in ('en', 'ru')),
  email_verified_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  blocked_at timestamptz,
  erased_at timestamptz,
  constraint users_email_taken unique (email_key),
  constraint users_username_taken unique (username_key),
  constraint users_id_seq unique (id, seq),
  constraint users_email_whole check ((email is null) = (email_key is null)),
  constraint users_username_whole check ((username is null) = (username_key is null)),
  constraint users_live_or_erased check (
    (erased_at is null and email is not null and password_hash is not null)
    or (erased_at is not null and email is null and username is null and password_hash is null)
  )
);
