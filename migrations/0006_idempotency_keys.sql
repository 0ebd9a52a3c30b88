-- What a POST with an Idempotency-Key answered, written in the transaction of its effect and kept for 24 hours.
create table idempotency_keys (
  -- A MAC over the user, the operation and the key: neither of them can be read from it.
  id text primary key,
  -- A MAC over the request, whose body may hold a password: a plain hash would let it be guessed.
  fingerprint text not null,
  -- Personal data. The key that opens it is not in the database.
  answer_encrypted bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  -- Nonce and tag of AES-256-GCM, then the answer.
  constraint idempotency_keys_answered check (octet_length(answer_encrypted) > 28)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
