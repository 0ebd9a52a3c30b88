import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { listUsers } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { useMe } from '../me.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'
import { ADMIN, OWN } from './pages.ts'

interface Destination {
  href: string
  label: string
  hint: string
}

/** The pages whose name has these letters, and for administrators the users who have them. */
export function useDestinations(text: string): Destination[] {
  const say = useWords(commonWords)
  const isAdmin = useMe()?.role === 'admin'
  const wanted = text.trim()
  const users = useQuery({
    ...ask(listUsers, { query: { q: wanted, size: 6 } }),
    enabled: isAdmin && wanted.length > 1,
    placeholderData: keepPreviousData,
  })
  const pages = [
    ...OWN.map((page) => ({ ...page, hint: '' })),
    ...(isAdmin ? ADMIN.map((page) => ({ ...page, hint: say('administration') })) : []),
  ]
    .map(({ href, word, hint }) => ({ href, label: say(word), hint }))
    .filter(({ label }) => label.toLowerCase().includes(wanted.toLowerCase()))
  const people = wanted.length > 1 ? (users.data?.items ?? []) : []
  return [
    ...pages,
    ...people.map(({ id, username, email }) => ({
      href: `/admin/users/${id}`,
      label: username ?? email ?? id,
      hint: username === null ? '' : (email ?? ''),
    })),
  ]
}
