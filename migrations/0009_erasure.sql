-- Whose personal data a kept answer may hold, so that it goes when they are erased. Null where there is none.
-- Rows from before, or of a version that does not know this column, are gone after 24 hours anyway.
alter table idempotency_keys add column user_id uuid references users (id);
create index idempotency_keys_of_user on idempotency_keys (user_id) where user_id is not null;
