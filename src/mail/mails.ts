import type { MailName } from '../jobs/catalogue.ts'
import { lazy } from '../lib/lazy.ts'
import type { Locale } from '../words/catalogue.ts'
import { mailWords } from '../words/mails.ts'
import { wordsIn } from '../words/words-in.ts'

/** What a mail says, before it is laid out: one source for the HTML and the text part. */
export interface Message {
  subject: string
  lines: string[]
  /** The one thing to do: a label and where it leads. */
  action: { label: string; url: string }
}

export interface MailFacts {
  /** Where the action leads. */
  url: string
  /** A username, a code, a device, a host or a date, as the mail needs it. */
  subject: string
  when: Date
}

/** The words of a mail in a language. */
export function writeMail(name: MailName, locale: Locale, facts: MailFacts): Message {
  const say = wordsIn(mailWords, locale)
  const date = dates[locale]().format(facts.when)
  const nobody = name === 'new_device' ? say('new_device.unknown') : ''
  const values = { subject: facts.subject || nobody, date: `${date} UTC` }
  return {
    subject: say(`${name}.subject`, values),
    lines: say(`${name}.text`, values).split('\n'),
    action: { label: say(`${name}.button`), url: facts.url },
  }
}

// Each holds memory that V8 does not count, so that it would be freed late: one for each mail is 27 KB of it.
const dates = { en: lazy(() => dateFormat('en')), ru: lazy(() => dateFormat('ru')) }

const dateFormat = (locale: Locale) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
