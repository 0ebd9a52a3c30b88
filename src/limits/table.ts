import { DAY, HOUR, MINUTE, SECOND } from '../lib/dates.ts'

export interface Rule {
  /** What is counted and by what it is told apart, as docs/limits.md says it. */
  counted: string
  /** Of a window: how many. Of a back-off: how many failures are free. */
  limit: number
  /** Of a window: its length. Of a back-off: the longest wait. */
  periodMs: number
  /** Only of a back-off: the first wait, which doubles from failure to failure, and when all is forgotten. */
  backOff?: { firstMs: number; forgetMs: number }
  /** It refuses without saying so, in no header either. */
  silent?: true
}

const within = (limit: number, periodMs: number, counted: string): Rule => ({
  counted,
  limit,
  periodMs,
})

const failures = (counted: string): Rule => ({
  counted,
  limit: 5,
  periodMs: 15 * MINUTE,
  backOff: { firstMs: SECOND, forgetMs: DAY },
})

/**
 * Every limit of the service; what is counted under a name is given by its key. A window lets `limit`
 * through at once, and from then on as many in each period, evenly.
 */
export const LIMITS = {
  login: failures('Failed sign-ins, by the e-mail address or username that was typed'),
  login_device: failures(
    'Failed sign-ins from a known device, by device, in place of the two around it',
  ),
  login_address: within(20, 10 * MINUTE, 'Failed sign-ins, by address'),
  change_password: failures('Wrong current passwords when changing it, by user'),
  setup: within(10, HOUR, 'Wrong tokens of the first set-up, by address'),
  register_hour: within(20, HOUR, 'Registrations, by address'),
  register_day: within(60, DAY, 'Registrations, by address'),
  reset_per_email: {
    ...within(
      3,
      HOUR,
      'Mails of forgotten passwords, sent again, of new devices, and of passwords changed before the address was confirmed, by whom they are for',
    ),
    silent: true,
  },
  reset_per_address: within(10, HOUR, 'Forgotten passwords and mails sent again, by address'),
  code_by_email_minute: within(10, MINUTE, 'Codes by e-mail, not signed in, by address'),
  code_by_email_hour: within(60, HOUR, 'Codes by e-mail, not signed in, by address'),
  code_by_email_day: within(300, DAY, 'Codes by e-mail, not signed in, by address'),
  code_by_email_target: within(30, HOUR, 'Codes by e-mail, not signed in, by whom they ask for'),
  unknown_code: within(
    20,
    HOUR,
    'Codes that there are not, asked for or registered with, by address; then right ones are refused too',
  ),
  wanted_code: within(120, HOUR, 'Texts asked for before choosing one, by user'),
  create_code: within(30, DAY, 'Codes created or replaced, by user'),
  user: within(600, MINUTE, 'Requests of any kind, by signed-in user'),
  anonymous: within(300, MINUTE, 'Requests of any kind of those who are not signed in, by address'),
} as const satisfies Record<string, Rule>

export type LimitName = keyof typeof LIMITS

/** What is counted, and for whom. */
export type Wanted = readonly (readonly [name: LimitName, key: string])[]
