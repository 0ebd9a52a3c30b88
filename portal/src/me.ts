import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { getMe, type User } from './api/client.gen.ts'
import { ask } from './api/queries.ts'
import { chooseLocale } from './language.ts'
import { useSession } from './session.ts'

/** Whoever is signed in, once that is known. The page speaks the language of their profile. */
export function useMe(): User | undefined {
  const session = useSession()
  const { data } = useQuery({ ...ask(getMe, undefined), enabled: session === 'in' })
  const locale = data?.locale
  useEffect(() => {
    if (locale) chooseLocale(locale)
  }, [locale])
  return session === 'in' ? (data ?? undefined) : undefined
}
