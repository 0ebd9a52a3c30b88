import { Alert, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from 'wouter'
import { type AdminUserDetail, getUser } from '../api/client.gen.ts'
import { isProblem } from '../api/problem.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { ScreenSkeleton } from '../blocks/skeletons.tsx'
import { useFormats } from '../formats.ts'
import { NotFound } from '../layout/not-found.tsx'
import { Page } from '../layout/page.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { usePersonName } from './people.tsx'
import { UserActions } from './user-actions.tsx'
import { UserAudit } from './user-audit.tsx'
import { UserChain } from './user-chain.tsx'
import { UserCode } from './user-code.tsx'
import { UserFacts } from './user-facts.tsx'
import { UserReferrals } from './user-referrals.tsx'
import { UserSessions } from './user-sessions.tsx'

/** One person: who it is, who brought them, whom they brought, and what can be done. */
export function User() {
  const say = useWords(adminWords)
  const { user_id } = useParams<{ user_id: string }>()
  const user = useQuery(ask(getUser, { path: { user_id } }))
  if (isProblem(user.error) && user.error.status === 404) return <NotFound inFrame />
  if (user.data === undefined) {
    return (
      <Page title={say('user')}>
        <Block query={user} skeleton={<ScreenSkeleton />}>
          {() => null}
        </Block>
      </Page>
    )
  }
  // Each person is a page of their own: nothing of one is shown with another.
  return <Person key={user_id} user={user.data} />
}

function Person({ user }: { user: AdminUserDetail }) {
  const nameOf = usePersonName()
  const isThere = user.erased_at === null
  return (
    <Page title={nameOf(user)} aside={isThere ? <UserActions user={user} /> : null}>
      <Standing user={user} />
      <div className={styles['columns']}>
        <div className={styles['stack']}>
          <UserChain user={user} />
          <UserReferrals user={user} />
          <UserAudit user={user} />
        </div>
        <div className={styles['stack']}>
          <UserFacts user={user} />
          <UserCode user={user} />
          {isThere ? <UserSessions userId={user.id} /> : null}
        </div>
      </div>
    </Page>
  )
}

function Standing({ user: { erased_at, blocked_at, blocked_reason } }: { user: AdminUserDetail }) {
  const say = useWords(adminWords)
  const { dateTime } = useFormats()
  if (erased_at) {
    return (
      <Alert color="gray" variant="light" mb="md">
        {say('erasedOn', { when: dateTime(erased_at) })}
      </Alert>
    )
  }
  if (!blocked_at) return null
  return (
    <Alert
      color="red"
      variant="light"
      mb="md"
      title={say('blockedSince', { when: dateTime(blocked_at) })}
    >
      {blocked_reason ? (
        <Group gap={4}>
          {say('reason')}: {blocked_reason}
        </Group>
      ) : null}
    </Alert>
  )
}
