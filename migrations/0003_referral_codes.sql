create table referral_codes (
  id uuid primary key,
  user_id uuid not null references users (id),
  code text not null check (code ~ '^[A-Z0-9_-]{4,32}$'),
  -- The text with look-alikes folded (O to 0, I and L to 1). Never given to anyone again.
  code_key text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  -- When expires_at was last set: an expiry lies in the future of that moment, and not too far.
  expiry_set_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz,
  constraint referral_codes_code_taken unique (code_key),
  constraint referral_codes_of_user unique (id, user_id),
  constraint referral_codes_expiry_in_future check (expires_at > expiry_set_at),
  constraint referral_codes_expiry_within_maximum
    check (expires_at <= expiry_set_at + interval '3660 days'),
  constraint referral_codes_set_after_creation check (expiry_set_at >= created_at),
  constraint referral_codes_retired_after_creation check (retired_at >= created_at)
);
-- At most one unretired code a user.
create unique index referral_codes_active_code_exists on referral_codes (user_id)
  where retired_at is null;
create index referral_codes_history on referral_codes (user_id, id desc);
