import { Text } from '@mantine/core'
import { Link } from 'wouter'
import type { AuditEvent } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { auditWords } from '../../../src/words/admin-audit.ts'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { addressOf } from './people.tsx'

/** What was done, in a sentence, with what it was before and is now. */
export function Told({ event }: { event: AuditEvent }) {
  const say = useWords(auditWords)
  const more = useDetails(event)
  return (
    <div>
      <Text size="sm">{say(event.action)}</Text>
      {more ? (
        <Text size="xs" c="dimmed">
          {more}
        </Text>
      ) : null}
    </div>
  )
}

/** Who did it. */
export function Actor({ event: { actor } }: { event: AuditEvent }) {
  const say = useWords(auditWords)
  return actor ? <Somebody person={actor} /> : <span>{say('byNobody')}</span>
}

/** Somebody in the audit trail, leading to their page. */
export function Somebody({
  person: { id, name },
}: {
  person: { id: string; name: string | null }
}) {
  const say = useWords(adminWords)
  return (
    <Link href={addressOf(id)} className={styles['person']}>
      {name ?? say('erasedPerson')}
    </Link>
  )
}

const LISTS = ['users', 'codes', 'referrals'] as const
const WORDS = {
  admin: 'administrator',
  user: 'user',
  pending: 'isPending',
  confirmed: 'isConfirmed',
  review: 'review',
  refused: 'isRefused',
} as const
const REASONS = [
  'self_referral_email',
  'self_referral_device',
  'velocity',
  'abuse',
  'duplicate',
  'other',
] as const

const isKnown = (value: unknown): value is keyof typeof WORDS => Object.hasOwn(WORDS, String(value))

function useDetails({ details }: AuditEvent): string {
  const say = useWords(auditWords)
  const sayReason = useWords(allReferralsWords)
  const { dateTime } = useFormats()
  const value = (given: unknown): string => {
    if (isKnown(given)) return say(WORDS[given])
    return typeof given === 'string' && /^\d{4}-\d\d-\d\dT/.test(given)
      ? dateTime(given)
      : String(given)
  }
  const { from, to, reason, sessions, job, again, list, format } = details
  const exported = LISTS.find((one) => one === list)
  const known = REASONS.find((one) => one === reason)
  const parts = [
    from !== undefined && to !== undefined
      ? say('change', { from: value(from), to: value(to) })
      : undefined,
    known ? say('reasonIs', { reason: sayReason(known) }) : undefined,
    typeof sessions === 'number' && sessions > 0
      ? say('endedSessions', { count: sessions })
      : undefined,
    typeof job === 'string' ? say('jobNamed', { job }) : undefined,
    exported ? say('listOf', { list: say(exported), format: String(format) }) : undefined,
    again === true ? say('again') : undefined,
  ]
  return parts.filter(Boolean).join(' · ')
}
