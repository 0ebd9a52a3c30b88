-- Which of the two mails about its end the owner of a code was sent.
alter table referral_codes
  add column expiry_announced_at timestamptz,
  add column expired_told_at timestamptz;
-- What the reminder looks through each time: codes whose end was not told yet.
create index referral_codes_to_announce on referral_codes (expires_at)
  where expired_told_at is null and retired_at is null;
