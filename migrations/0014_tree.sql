-- How many people came by each referrer, directly and further down. Kept apart from registration, which would
-- have to count at every referrer above: in a chain of 10,000 people each new one would change 10,000 rows.
create table referral_tree (
  user_id uuid primary key references users (id),
  -- Nobody referred them. Decided for ever at their registration.
  is_root boolean not null,
  direct bigint not null default 0,
  total bigint not null default 0,
  constraint referral_tree_of_some check (total >= direct and direct >= 0)
);
create index referral_tree_roots on referral_tree (user_id desc) where is_root;

-- Referrals that are not counted there yet. A job counts them each minute; whoever reads adds them.
create table referral_tree_uncounted (user_id uuid primary key references users (id))
  -- What was taken off the list is passed by whoever reads it, until it is cleared away.
  with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

create function referrals_grow_tree() returns trigger language plpgsql as $$
begin
  -- Looked for first: an insert that meets a row would wait for the job that counts at it.
  insert into referral_tree (user_id, is_root)
    select a.referrer_id, not exists (select from referrals r where r.user_id = a.referrer_id)
    from (select distinct referrer_id from added) a
    where not exists (select from referral_tree t where t.user_id = a.referrer_id)
    order by 1
    on conflict do nothing;
  insert into referral_tree_uncounted select user_id from added;
  return null;
end $$;
create trigger referrals_grow_tree after insert on referrals
  referencing new table as added
  for each statement execute function referrals_grow_tree();

insert into referral_tree (user_id, is_root)
  select referrer_id, not exists (select from referrals r where r.user_id = referrers.referrer_id)
  from (select distinct referrer_id from referrals) as referrers;
insert into referral_tree_uncounted select user_id from referrals;
