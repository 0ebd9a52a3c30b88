-- Who did what to whom, and when: administrators' changes, and what matters for the safety of an account.
-- Written in the transaction of the change. Holds ids, never personal data, so that erasure leaves it alone.
create table audit_events (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  -- Null where nobody was signed in: by a mailed link, on the command line, by a job.
  actor_id uuid references users (id),
  -- Whose account it concerns.
  user_id uuid references users (id),
  action text not null check (action ~ '^[a-z]+\.[a-z_]+$'),
  -- What was changed besides: a code, a session, a job.
  target_id text check (char_length(target_id) <= 64),
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  request_id text not null check (char_length(request_id) between 1 and 64)
);
create index audit_events_of_user on audit_events (user_id, id desc);
create index audit_events_by_actor on audit_events (actor_id, id desc);
create index audit_events_by_action on audit_events (action, id desc);
create index audit_events_by_age on audit_events (at);

-- Nobody changes what happened; only what is older than 90 days may be let go.
create function audit_events_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and old.at < clock_timestamp() - interval '90 days' then
    return old;
  end if;
  raise exception 'the audit trail is append-only'
    using errcode = 'check_violation', constraint = 'audit_events_append_only';
end $$;
create trigger audit_events_append_only before update or delete on audit_events
  for each row execute function audit_events_append_only();
create trigger audit_events_not_emptied before truncate on audit_events
  execute function audit_events_append_only();
