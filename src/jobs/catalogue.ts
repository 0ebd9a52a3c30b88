/** The mails there are; what each says is in `words/mails.ts`. */
export type MailName =
  | 'verify'
  | 'welcome'
  | 'reset'
  | 'invite'
  | 'password_changed'
  | 'new_device'
  | 'referral_joined'
  | 'code_expires'
  | 'code_expired'
  | 'test'

/**
 * Every job with its payload. Payloads hold ids only, never personal data: what a mail says is read when
 * it is sent, so nothing of an erased person is left in the queue.
 */
export interface Jobs {
  /** One mail; `user_id` null where there is nobody to write to, so that both cases cost the same. */
  mail: { mail: MailName; user_id: string | null; subject_id?: string }
  /** Looks for codes that are about to expire, or that did, and tells their owners once. */
  'codes.remind': Record<string, never>
  /** Makes the figures of past hours small. */
  'figures.merge': Record<string, never>
  /** Counts new referrals at everybody above them. */
  'referrals.count_tree': Record<string, never>
  /** Fills in the profile of somebody who registered, while there is a key for it. */
  'accounts.enrich': { user_id: string }
  /** Deletes what is older than it may be kept. */
  retention: Record<string, never>
}

export type JobName = keyof Jobs

export interface JobOptions {
  retryLimit: number
  /** Seconds before the first retry; each later one waits about twice as long. */
  retryDelay: number
  retryDelayMax: number
  /** A run that takes longer is taken for dead and tried again. */
  expireInSeconds: number
}

export const QUEUES: Record<JobName, JobOptions> = {
  mail: { retryLimit: 12, retryDelay: 5, retryDelayMax: 3600, expireInSeconds: 30 },
  'figures.merge': { retryLimit: 3, retryDelay: 30, retryDelayMax: 300, expireInSeconds: 60 },
  'codes.remind': { retryLimit: 3, retryDelay: 30, retryDelayMax: 300, expireInSeconds: 300 },
  'referrals.count_tree': {
    retryLimit: 2,
    retryDelay: 10,
    retryDelayMax: 60,
    expireInSeconds: 300,
  },
  'accounts.enrich': { retryLimit: 8, retryDelay: 30, retryDelayMax: 3600, expireInSeconds: 60 },
  retention: { retryLimit: 3, retryDelay: 60, retryDelayMax: 600, expireInSeconds: 7200 },
}

/** What runs by the clock, in UTC. */
export const SCHEDULE: Partial<Record<JobName, string>> = {
  'codes.remind': '*/10 * * * *',
  'figures.merge': '7 * * * *',
  'referrals.count_tree': '* * * * *',
  retention: '17 3 * * *',
}

/** Where jobs go that failed for good, until an administrator tries them again. */
export const DEAD_LETTERS = 'dead'
