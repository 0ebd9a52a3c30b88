-- One registration that came by a code. The referred user is the key: attributed once, for ever.
create table referrals (
  user_id uuid primary key,
  user_seq bigint not null,
  referrer_id uuid not null,
  referrer_seq bigint not null,
  code_id uuid not null,
  -- The expiry that the code had at that moment, read under the lock that registration took on it.
  code_expires_at timestamptz not null,
  attributed_at timestamptz not null default clock_timestamp(),
  status text not null default 'pending' check (status in ('pending', 'confirmed')),
  confirmed_at timestamptz,
  foreign key (user_id, user_seq) references users (id, seq),
  foreign key (referrer_id, referrer_seq) references users (id, seq),
  foreign key (code_id, referrer_id) references referral_codes (id, user_id),
  constraint referrals_no_cycle check (referrer_seq < user_seq),
  constraint referrals_before_expiry check (attributed_at < code_expires_at),
  constraint referrals_confirmed_whole check ((status = 'confirmed') = (confirmed_at is not null))
);
create index referrals_of_referrer on referrals (referrer_id, user_id desc);
create index referrals_of_referrer_by_status on referrals (referrer_id, status, user_id desc);
create index referrals_of_code on referrals (code_id);

-- Counts, so that a total costs the same at a million referrals. Each is spread over 16 slots, so that
-- registrations by one popular code do not wait for each other.
create table referral_totals (
  referrer_id uuid not null references users (id),
  slot smallint not null,
  registrations bigint not null default 0,
  confirmed bigint not null default 0,
  primary key (referrer_id, slot)
);
create table referral_days (
  referrer_id uuid not null references users (id),
  day date not null,
  slot smallint not null,
  registrations bigint not null default 0,
  confirmed bigint not null default 0,
  primary key (referrer_id, day, slot)
);
create table code_totals (
  code_id uuid not null references referral_codes (id),
  slot smallint not null,
  registrations bigint not null default 0,
  primary key (code_id, slot)
);

create function referrals_count_registrations() returns trigger language plpgsql as $$
declare
  this_slot constant smallint := floor(random() * 16);
begin
  insert into referral_totals (referrer_id, slot, registrations, confirmed)
    select referrer_id, this_slot, count(*), count(confirmed_at) from added
      group by referrer_id order by referrer_id
    on conflict (referrer_id, slot) do update set
      registrations = referral_totals.registrations + excluded.registrations,
      confirmed = referral_totals.confirmed + excluded.confirmed;
  insert into referral_days (referrer_id, day, slot, registrations, confirmed)
    select referrer_id, day, this_slot, sum(registrations), sum(confirmed) from (
      select referrer_id, (attributed_at at time zone 'UTC')::date as day, 1 as registrations, 0 as confirmed
        from added
      union all
      select referrer_id, (confirmed_at at time zone 'UTC')::date, 0, 1
        from added where confirmed_at is not null
    ) as events group by referrer_id, day order by referrer_id, day
    on conflict (referrer_id, day, slot) do update set
      registrations = referral_days.registrations + excluded.registrations,
      confirmed = referral_days.confirmed + excluded.confirmed;
  insert into code_totals (code_id, slot, registrations)
    select code_id, this_slot, count(*) from added group by code_id order by code_id
    on conflict (code_id, slot) do update set
      registrations = code_totals.registrations + excluded.registrations;
  return null;
end $$;
create trigger referrals_count_registrations after insert on referrals
  referencing new table as added
  for each statement execute function referrals_count_registrations();

create function referrals_count_confirmations() returns trigger language plpgsql as $$
declare
  this_slot constant smallint := floor(random() * 16);
begin
  insert into referral_totals (referrer_id, slot, confirmed)
    select referrer_id, this_slot, count(*) from changed
      group by referrer_id order by referrer_id
    on conflict (referrer_id, slot) do update set
      confirmed = referral_totals.confirmed + excluded.confirmed;
  insert into referral_days (referrer_id, day, slot, confirmed)
    select referrer_id, (confirmed_at at time zone 'UTC')::date, this_slot, count(*) from changed
      group by 1, 2 order by 1, 2
    on conflict (referrer_id, day, slot) do update set
      confirmed = referral_days.confirmed + excluded.confirmed;
  return null;
end $$;

-- The only change that a referral may see; everything else about it holds for ever.
create function referrals_only_confirm() returns trigger language plpgsql as $$
begin
  if old.status <> 'pending' or new.status <> 'confirmed'
    or (to_jsonb(new) - 'status' - 'confirmed_at') <> (to_jsonb(old) - 'status' - 'confirmed_at') then
    raise exception 'a referral changes only from pending to confirmed'
      using errcode = 'check_violation', constraint = 'referrals_only_confirm';
  end if;
  return new;
end $$;
create trigger referrals_only_confirm before update on referrals
  for each row execute function referrals_only_confirm();
create trigger referrals_count_confirmations after update on referrals
  referencing new table as changed
  for each statement execute function referrals_count_confirmations();
