-- Visits of share links: one row for a code, a day (UTC) and a visitor, whichever instance saw it. A row is
-- kept until the end of the next day, so that nobody is counted twice; the figures stay. The visitor is a
-- MAC of address and agent under a key that is another one each day. That the code exists is kept by the figures.
create table clicks (
  day date not null,
  code_id uuid not null,
  visitor bytea not null check (octet_length(visitor) = 16),
  at timestamptz not null,
  primary key (day, code_id, visitor),
  constraint clicks_on_their_day check (day = (at at time zone 'UTC')::date)
);

-- In the order that referrals are counted in, so that neither waits for the other.
create function clicks_count() returns trigger language plpgsql as $$
begin
  insert into referral_totals as kept (referrer_id, slot, clicks)
    select c.user_id, own_slot(), count(*)
    from added join referral_codes c on c.id = added.code_id group by 1 order by 1
    on conflict (referrer_id, slot) do update set clicks = kept.clicks + excluded.clicks;
  insert into figures as kept (referrer_id, at, code_id, slot, clicks)
    select c.user_id, quarter_hour(added.at), c.id, own_slot(), count(*)
    from added join referral_codes c on c.id = added.code_id group by 1, 2, 3 order by 1, 2, 3
    on conflict (referrer_id, at, code_id, slot) do update set clicks = kept.clicks + excluded.clicks;
  insert into code_totals as kept (code_id, slot, clicks)
    select added.code_id, own_slot(), count(*) from added group by 1 order by 1
    on conflict (code_id, slot) do update set clicks = kept.clicks + excluded.clicks;
  insert into overall_figures as kept (at, slot, clicks)
    select quarter_hour(added.at), own_slot(), count(*) from added group by 1 order by 1
    on conflict (at, slot) do update set clicks = kept.clicks + excluded.clicks;
  return null;
end $$;
create trigger clicks_count after insert on clicks
  referencing new table as added
  for each statement execute function clicks_count();

-- The links that somebody had opened before registering, in their order. Where there are none, the code was typed.
create table referral_touches (
  user_id uuid not null references referrals (user_id),
  position smallint not null,
  code_id uuid not null references referral_codes (id),
  at timestamptz not null,
  -- On the one that won: by which rule.
  rule text constraint referral_touches_rule_known check (rule in ('explicit_code', 'first_touch')),
  primary key (user_id, position)
);
create unique index referral_touches_one_wins on referral_touches (user_id) where rule is not null;

-- The browsers that somebody signs in with, so that a second account made there is not credited to the first.
-- The visitor is a MAC of what the browser's cookie says.
create table user_visitors (
  user_id uuid not null references users (id),
  visitor bytea not null check (octet_length(visitor) = 16),
  linked_at timestamptz not null default clock_timestamp(),
  primary key (user_id, visitor)
);
