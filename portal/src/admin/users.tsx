import { Button, Group } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { type AdminUser, exportUsers, listUsers } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { useFormats } from '../formats.ts'
import { Page } from '../layout/page.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'
import { type Address, useAddress } from './address.ts'
import bar from '../blocks/filters.module.css'
import { Choice } from './choice.tsx'
import { List, NothingFits } from './list.tsx'
import { Ago } from './moment.tsx'
import { PersonCell, RoleBadge, StandingBadge } from './people.tsx'
import type { Column } from './rows.tsx'
import { SaveMenu } from './save-menu.tsx'
import { SearchField } from '../blocks/search-field.tsx'

const SIZE = 25

const InviteDialog = lazy(async () => ({ default: (await import('./invite.tsx')).InviteDialog }))

/** Everybody: to search, to narrow, and to open. */
export function Users() {
  const say = useWords(adminWords)
  const address = useAddress()
  const filters = filtersOf(address)
  const columns = useColumns()
  const query = { q: address.text('q'), ...filters, cursor: address.text('cursor'), size: SIZE }
  const users = useQuery({ ...ask(listUsers, { query }), placeholderData: keepPreviousData })
  const isFiltered = Object.values({ ...filters, q: query.q }).some((value) => value !== undefined)
  const clear = () =>
    address.change({ q: undefined, role: undefined, blocked: undefined, verified: undefined })
  return (
    <Page title={say('users')} aside={<Actions filters={filters} />}>
      <div className={bar['filters']}>
        <SearchField q={address.text('q')} label={say('searchUsers')} onSearch={address.search} />
        <Filters address={address} />
      </div>
      <List
        label={say('users')}
        query={users}
        address={address}
        columns={columns}
        empty={
          <NothingFits
            text={isFiltered ? say('nothingFits') : say('noUsers')}
            onClear={isFiltered ? clear : undefined}
          />
        }
      />
    </Page>
  )
}

type Filters = ReturnType<typeof filtersOf>

function filtersOf(address: Address) {
  return {
    role: address.oneOf('role', ['user', 'admin'] as const),
    blocked: yesOrNo(address.oneOf('blocked', ['yes', 'no'] as const)),
    email_verified: yesOrNo(address.oneOf('verified', ['yes', 'no'] as const)),
  }
}

const yesOrNo = (value: 'yes' | 'no' | undefined) => (value ? value === 'yes' : undefined)

function Filters({ address }: { address: Address }) {
  const say = useWords(adminWords)
  return (
    <>
      <Choice
        address={address}
        name="role"
        label={say('role')}
        options={[
          { value: '', label: say('everyRole') },
          { value: 'user', label: say('user') },
          { value: 'admin', label: say('administrators') },
        ]}
      />
      <Choice
        address={address}
        name="blocked"
        label={say('state')}
        options={[
          { value: '', label: say('everyStanding') },
          { value: 'yes', label: say('onlyBlocked') },
          { value: 'no', label: say('notBlocked') },
        ]}
      />
      <Choice
        address={address}
        name="verified"
        label={say('email')}
        options={[
          { value: '', label: say('everyAddress') },
          { value: 'yes', label: say('confirmedAddress') },
          { value: 'no', label: say('unconfirmedAddress') },
        ]}
      />
    </>
  )
}

function Actions({ filters }: { filters: Filters }) {
  const say = useWords(adminWords)
  const [isInviting, setInviting] = useState(false)
  return (
    <Group gap="xs">
      <SaveMenu name="users" save={(format) => exportUsers({ query: { ...filters, format } })} />
      <Button size="xs" leftSection={<UserPlus size={16} />} onClick={() => setInviting(true)}>
        {say('invite')}
      </Button>
      <Suspense>{isInviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}</Suspense>
    </Group>
  )
}

function useColumns(): Column<AdminUser>[] {
  const say = useWords(adminWords)
  const { number } = useFormats()
  return useMemo(
    () => [
      { head: say('user'), cell: (user) => <PersonCell person={user} /> },
      {
        head: say('state'),
        isPlain: true,
        cell: (user) => (
          <Group gap={6}>
            <StandingBadge user={user} />
            <RoleBadge role={user.role} />
          </Group>
        ),
      },
      {
        head: say('code'),
        cell: ({ active_code }) => active_code && <code>{active_code.code}</code>,
      },
      { head: say('referrals'), isNumber: true, cell: ({ referrals }) => number(referrals) },
      { head: say('joined'), cell: ({ created_at }) => <Ago at={created_at} /> },
    ],
    [say, number],
  )
}
