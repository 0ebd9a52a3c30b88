import { Badge } from '@mantine/core'
import { Link } from 'wouter'
import type { AdminUser, Person } from '../api/client.gen.ts'
import { Breakable } from '../blocks/breakable.tsx'
import { Named } from '../blocks/named.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'

type Names = Omit<Person, 'id'>

/** What a person is called: by the username, else by the address; whoever was erased has neither. */
export function usePersonName() {
  const say = useWords(adminWords)
  return ({ username, email }: Names) => username ?? email ?? say('erasedPerson')
}

export const addressOf = (id: string) => `/admin/users/${id}`

/** A person by name, leading to their page. */
export function PersonLink({ person }: { person: Person }) {
  const nameOf = usePersonName()
  return (
    <Link href={addressOf(person.id)} className={styles['person']}>
      <Breakable name={nameOf(person)} />
    </Link>
  )
}

/** A person with a sign, and the address below where there is another name. */
export function PersonCell({ person }: { person: Person }) {
  const nameOf = usePersonName()
  return (
    <Named name={nameOf(person)} person={person}>
      <PersonLink person={person} />
    </Named>
  )
}

type Standing = Pick<AdminUser, 'email_verified' | 'invited_at' | 'blocked_at' | 'erased_at'>

/** How it stands with an account, in a word. */
export function StandingBadge({ user }: { user: Standing }) {
  const say = useWords(adminWords)
  const { word, color } = standingOf(user)
  return (
    <Badge variant="light" color={color} miw="max-content">
      {say(word)}
    </Badge>
  )
}

function standingOf({ email_verified, invited_at, blocked_at, erased_at }: Standing) {
  if (erased_at) return { word: 'erased', color: 'gray' } as const
  if (blocked_at) return { word: 'blocked', color: 'red' } as const
  if (email_verified) return { word: 'verified', color: 'leaf' } as const
  if (invited_at) return { word: 'isInvited', color: 'blue' } as const
  return { word: 'unverified', color: 'yellow' } as const
}

/** A mark for administrators; users have none. */
export function RoleBadge({ role }: Pick<AdminUser, 'role'>) {
  const say = useWords(adminWords)
  if (role === 'user') return null
  return (
    <Badge variant="light" color="grape" miw="max-content">
      {say('administrator')}
    </Badge>
  )
}
