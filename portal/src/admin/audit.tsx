import { TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type AuditEvent, getUser, listAudit } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Page } from '../layout/page.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { auditWords } from '../../../src/words/admin-audit.ts'
import { useWords } from '../use-words.ts'
import { type Address, startOfDay, useAddress } from './address.ts'
import styles from './admin.module.css'
import bar from '../blocks/filters.module.css'
import { Actor, Somebody, Told } from './audit-words.tsx'
import { Choice } from './choice.tsx'
import { CopyButton } from './copy-button.tsx'
import { FilterMark } from './filter-mark.tsx'
import { List, NothingFits } from './list.tsx'
import { Moment } from './moment.tsx'
import { usePersonName } from './people.tsx'
import type { Column } from './rows.tsx'

const SIZE = 25
// Each has a sentence, which the compiler sees to; a test sees to it that there are no others.
const ACTIONS = Object.keys(auditWords.en).filter((key) =>
  key.includes('.'),
) as AuditEvent['action'][]

/** Who did what to whom, and when: nothing of it can be changed. */
export function Audit() {
  const say = useWords(auditWords)
  const sayAdmin = useWords(adminWords)
  const address = useAddress()
  const columns = useColumns()
  const filters = {
    action: address.oneOf('action', ACTIONS),
    actor_id: address.text('actor'),
    user_id: address.text('user'),
    from: startOfDay(address.text('from')),
    to: startOfDay(address.text('to'), 1),
  }
  const query = { ...filters, cursor: address.text('cursor'), size: SIZE }
  const events = useQuery({ ...ask(listAudit, { query }), placeholderData: keepPreviousData })
  const isFiltered = Object.values(filters).some((value) => value !== undefined)
  const clear = () =>
    address.change({
      action: undefined,
      actor: undefined,
      user: undefined,
      from: undefined,
      to: undefined,
    })
  return (
    <Page title={say('audit')}>
      <div className={bar['filters']}>
        <Choice
          address={address}
          name="action"
          label={say('action')}
          options={[
            { value: '', label: say('everyAction') },
            ...ACTIONS.map((value) => ({ value, label: say(value) })),
          ]}
        />
        <Day address={address} name="from" />
        <Day address={address} name="to" />
        <Mark address={address} name="actor" />
        <Mark address={address} name="user" />
      </div>
      <List
        label={say('audit')}
        query={events}
        address={address}
        columns={columns}
        empty={
          <NothingFits
            text={isFiltered ? sayAdmin('nothingFits') : say('empty')}
            onClear={isFiltered ? clear : undefined}
          />
        }
      />
    </Page>
  )
}

function Day({ address, name }: { address: Address; name: 'from' | 'to' }) {
  const say = useWords(adminWords)
  return (
    <TextInput
      type="date"
      className={styles['choice']}
      aria-label={say(name)}
      leftSection={<span aria-hidden>{say(name)}</span>}
      leftSectionWidth={52}
      value={address.text(name) ?? ''}
      onChange={({ currentTarget }) => address.change({ [name]: currentTarget.value })}
    />
  )
}

function Mark({ address, name }: { address: Address; name: 'actor' | 'user' }) {
  const say = useWords(auditWords)
  const nameOf = usePersonName()
  const user_id = address.text(name) ?? ''
  const { data: person } = useQuery({
    ...ask(getUser, { path: { user_id } }),
    enabled: user_id !== '',
  })
  if (!person || user_id === '') return null
  const word = name === 'actor' ? 'onlyActor' : 'onlyUser'
  return (
    <FilterMark
      text={say(word, { name: nameOf(person) })}
      onTakeAway={() => address.change({ [name]: undefined })}
    />
  )
}

function useColumns(): Column<AuditEvent>[] {
  const say = useWords(auditWords)
  return useMemo(
    () => [
      { head: say('what'), cell: (event) => <Told event={event} /> },
      {
        head: say('whom'),
        cell: ({ user }) => (user ? <Somebody person={user} /> : <span>{say('nobody')}</span>),
      },
      { head: say('who'), cell: (event) => <Actor event={event} /> },
      { head: say('when'), cell: ({ at }) => <Moment at={at} /> },
      {
        head: say('request'),
        cell: ({ request_id }) => (
          <CopyButton text={request_id} label={say('copyRequest', { id: request_id })} />
        ),
      },
    ],
    [say],
  )
}
