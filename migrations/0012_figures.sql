-- What may be said of a referral, and the figures of every quarter hour.

-- `review` waits for an administrator, `refused` counts nowhere. Both say why.
alter table referrals
  drop constraint referrals_status_check,
  add constraint referrals_status_check
    check (status in ('pending', 'confirmed', 'review', 'refused')),
  add column reason text constraint referrals_reason_known check (reason in (
    'self_referral_email', 'self_referral_device', 'velocity', 'abuse', 'duplicate', 'other')),
  -- When an administrator confirmed or refused it; null where nobody did.
  add column decided_at timestamptz,
  add constraint referrals_reason_given
    check ((status in ('review', 'refused')) = (reason is not null));
create index referrals_in_review on referrals (user_id desc) where status = 'review';

-- Everything else about a referral holds for ever. Back into `review` leads no way: nobody but a registration
-- puts it there. From `refused` an administrator takes it when the refusal was a mistake.
create function referrals_status_moves() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - '{status,reason,confirmed_at,decided_at}'::text[])
      <> (to_jsonb(old) - '{status,reason,confirmed_at,decided_at}'::text[])
    or (old.status, new.status) not in (
      ('pending', 'confirmed'), ('pending', 'refused'), ('confirmed', 'refused'),
      ('review', 'pending'), ('review', 'confirmed'), ('review', 'refused'),
      ('refused', 'pending'), ('refused', 'confirmed')) then
    raise exception 'a referral does not change from % to %', old.status, new.status
      using errcode = 'check_violation', constraint = 'referrals_status_moves';
  end if;
  return new;
end $$;
drop trigger referrals_only_confirm on referrals;
drop function referrals_only_confirm;
create trigger referrals_status_moves before update on referrals
  for each row execute function referrals_status_moves();

-- The figures of a quarter hour, since every time zone's days begin at one. `registrations` counts what was
-- not refused, when it was attributed; `confirmed` when it was confirmed. Each figure is the sum of its slots.
create table figures (
  referrer_id uuid not null references users (id),
  at timestamptz not null,
  code_id uuid not null references referral_codes (id),
  slot smallint not null,
  clicks bigint not null default 0,
  registrations bigint not null default 0,
  confirmed bigint not null default 0,
  primary key (referrer_id, at, code_id, slot)
);
create index figures_by_time on figures (at);
create table overall_figures (
  at timestamptz not null,
  slot smallint not null,
  clicks bigint not null default 0,
  registrations bigint not null default 0,
  confirmed bigint not null default 0,
  primary key (at, slot)
);
alter table referral_totals
  add column clicks bigint not null default 0,
  add column review bigint not null default 0,
  add column refused bigint not null default 0;
alter table code_totals add column clicks bigint not null default 0;

create function quarter_hour(at timestamptz) returns timestamptz
  language sql immutable parallel safe
  return date_bin('15 minutes', at, to_timestamp(0));

-- A connection has a slot of its own, as far as 16 go, so that registrations by one popular code seldom wait
-- for each other.
create function own_slot() returns smallint language sql stable return (pg_backend_pid() % 16)::smallint;

-- What referrals add to the figures, less what they added before they changed.
create function referral_deltas(before referrals[], after referrals[]) returns table (
  referrer_id uuid, code_id uuid, at timestamptz,
  registrations bigint, confirmed bigint, review bigint, refused bigint
) language sql stable as $$
  with changes as (
    select 1 as n, added.* from unnest(after) as added
    union all
    select -1, removed.* from unnest(before) as removed
  ), events as (
    select c.referrer_id, c.code_id, c.attributed_at as at,
      n * (c.status <> 'refused')::int as registrations, 0 as confirmed,
      n * (c.status = 'review')::int as review, n * (c.status = 'refused')::int as refused
    from changes c
    union all
    select c.referrer_id, c.code_id, c.confirmed_at, 0, n, 0, 0
    from changes c where c.confirmed_at is not null
  )
  select e.referrer_id, e.code_id, quarter_hour(e.at),
    sum(e.registrations), sum(e.confirmed), sum(e.review), sum(e.refused)
  from events e group by 1, 2, 3
  having (sum(e.registrations), sum(e.confirmed), sum(e.review), sum(e.refused)) <> (0, 0, 0, 0)
$$;

-- Each statement takes its rows in order, and all take the tables in this one, so that no two of them wait
-- for each other.
create function count_referrals(before referrals[], after referrals[]) returns void
language plpgsql as $$
begin
  insert into referral_totals as kept (referrer_id, slot, registrations, confirmed, review, refused)
    select d.referrer_id, own_slot(),
      sum(d.registrations), sum(d.confirmed), sum(d.review), sum(d.refused)
    from referral_deltas(before, after) d group by 1 order by 1
    on conflict (referrer_id, slot) do update set
      registrations = kept.registrations + excluded.registrations,
      confirmed = kept.confirmed + excluded.confirmed,
      review = kept.review + excluded.review,
      refused = kept.refused + excluded.refused;
  insert into figures as kept (referrer_id, at, code_id, slot, registrations, confirmed)
    select d.referrer_id, d.at, d.code_id, own_slot(), d.registrations, d.confirmed
    from referral_deltas(before, after) d
    where d.registrations <> 0 or d.confirmed <> 0 order by 1, 2, 3
    on conflict (referrer_id, at, code_id, slot) do update set
      registrations = kept.registrations + excluded.registrations,
      confirmed = kept.confirmed + excluded.confirmed;
  insert into code_totals as kept (code_id, slot, registrations)
    select d.code_id, own_slot(), sum(d.registrations)
    from referral_deltas(before, after) d group by 1 having sum(d.registrations) <> 0 order by 1
    on conflict (code_id, slot) do update set
      registrations = kept.registrations + excluded.registrations;
  insert into overall_figures as kept (at, slot, registrations, confirmed)
    select d.at, own_slot(), sum(d.registrations), sum(d.confirmed)
    from referral_deltas(before, after) d
    where d.registrations <> 0 or d.confirmed <> 0 group by 1 order by 1
    on conflict (at, slot) do update set
      registrations = kept.registrations + excluded.registrations,
      confirmed = kept.confirmed + excluded.confirmed;
end $$;

create or replace function referrals_count_registrations() returns trigger language plpgsql as $$
begin
  perform count_referrals('{}', array(select row(added.*)::referrals from added));
  return null;
end $$;
drop trigger referrals_count_confirmations on referrals;
drop function referrals_count_confirmations;
create function referrals_count_changes() returns trigger language plpgsql as $$
begin
  perform count_referrals(
    array(select row(removed.*)::referrals from removed),
    array(select row(added.*)::referrals from added));
  return null;
end $$;
create trigger referrals_count_changes after update on referrals
  referencing old table as removed new table as added
  for each statement execute function referrals_count_changes();

insert into figures (referrer_id, at, code_id, slot, registrations, confirmed)
  select referrer_id, quarter_hour(at), code_id, 0, sum(registrations), sum(confirmed) from (
    select referrer_id, code_id, attributed_at as at, 1 as registrations, 0 as confirmed from referrals
    union all
    select referrer_id, code_id, confirmed_at, 0, 1 from referrals where confirmed_at is not null
  ) as events group by 1, 2, 3;
insert into overall_figures (at, slot, registrations, confirmed)
  select at, 0, sum(registrations), sum(confirmed) from figures group by at;
drop table referral_days;

-- How many registrations by a code may go without review: each takes a place that was not taken for an hour.
create table code_places (
  code_id uuid not null references referral_codes (id),
  place smallint not null,
  taken_at timestamptz not null,
  primary key (code_id, place)
);
-- True when a place was free. Nobody waits: a place that another transaction is about to take is passed over,
-- so that never more are taken than there are, and fewer only by those whose transactions come to nothing.
create function take_code_place(code uuid, places integer) returns boolean language plpgsql as $$
declare
  candidate smallint;
begin
  for candidate in
    select number from generate_series(1, places) as number
    left join code_places on code_id = code and place = number
    where taken_at is null or taken_at <= clock_timestamp() - interval '1 hour'
    order by number
  loop
    -- Seed 0 is that of the queue for changes of the code.
    continue when not pg_try_advisory_xact_lock(hashtextextended(code::text, candidate));
    insert into code_places as kept (code_id, place, taken_at)
      values (code, candidate, clock_timestamp())
      on conflict (code_id, place) do update set taken_at = excluded.taken_at
      -- Taken by one that ended between the look and the lock.
      where kept.taken_at <= clock_timestamp() - interval '1 hour';
    if found then return true; end if;
  end loop;
  return false;
end $$;
