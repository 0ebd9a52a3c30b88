import { DAY, HOUR, MINUTE, SECOND } from '../lib/dates.ts'

export interface Rule {
  /** Of a window: how many. Of a back-off: how many failures are free. */
  limit: number
  /** Of a window: its length. Of a back-off: the longest wait. */
  periodMs: number
  /** Only of a back-off: the first wait, which doubles from failure to failure, and when all is forgotten. */
  backOff?: { firstMs: number; forgetMs: number }
}

const within = (limit: number, periodMs: number): Rule => ({ limit, periodMs })

/**
 * Every limit of the service; what is counted under a name is given by its key. A window lets `limit`
 * through at once, and from then on as many in each period, evenly.
 */
export const LIMITS = {
  /** Signing in, by what the account is called. */
  login: {
    limit: 5,
    periodMs: 15 * MINUTE,
    backOff: { firstMs: SECOND, forgetMs: DAY },
  },
  /** Failed sign-ins, by address. */
  login_address: within(20, 10 * MINUTE),
  /** Registrations, by address. */
  register_hour: within(20, HOUR),
  register_day: within(60, DAY),
  /** Forgotten passwords and mails sent again: silently by e-mail address, and by address. */
  reset_per_email: within(3, HOUR),
  reset_per_address: within(10, HOUR),
  /** Codes by e-mail for those who are not signed in, by address and by whom they ask for. */
  code_by_email_minute: within(10, MINUTE),
  code_by_email_hour: within(60, HOUR),
  code_by_email_day: within(300, DAY),
  code_by_email_target: within(30, HOUR),
  /** Codes that there are not, asked for or registered with, by address. */
  unknown_code: within(20, HOUR),
  /** Codes created or replaced, by user. */
  create_code: within(30, DAY),
  /** Requests of any kind. */
  user: within(600, MINUTE),
  anonymous: within(300, MINUTE),
} as const satisfies Record<string, Rule>

export type LimitName = keyof typeof LIMITS

/** What is counted, and for whom. */
export type Wanted = readonly (readonly [name: LimitName, key: string])[]
