/** The mails there are; each is written in `mail/mails.ts`. */
export type MailName =
  | 'verify'
  | 'welcome'
  | 'reset'
  | 'password_changed'
  | 'new_device'
  | 'referral_joined'
  | 'code_expires'
  | 'code_expired'

/**
 * Every job with its payload. Payloads hold ids only, never personal data: what a mail says is read when
 * it is sent, so nothing of an erased person is left in the queue.
 */
export interface Jobs {
  /** One mail; `user_id` null where there is nobody to write to, so that both cases cost the same. */
  mail: { mail: MailName; user_id: string | null; subject_id?: string }
  /** Looks for codes that are about to expire, or that did, and tells their owners once. */
  'codes.remind': Record<string, never>
  /** Fills in the profile of somebody who registered, while there is a key for it. */
  'accounts.enrich': { user_id: string }
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
  'codes.remind': { retryLimit: 3, retryDelay: 30, retryDelayMax: 300, expireInSeconds: 300 },
  'accounts.enrich': { retryLimit: 8, retryDelay: 30, retryDelayMax: 3600, expireInSeconds: 60 },
}

/** Where jobs go that failed for good, until an administrator tries them again. */
export const DEAD_LETTERS = 'dead'
