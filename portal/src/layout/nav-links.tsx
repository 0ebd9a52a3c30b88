import type { LucideIcon } from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'

type Word =
  | 'myCode'
  | 'referrals'
  | 'account'
  | 'adminTab'
  | 'overview'
  | 'users'
  | 'codes'
  | 'allReferrals'
  | 'audit'
  | 'system'

export interface Item {
  href: string
  word: Word
  Icon: LucideIcon
  /** It stands for every page below its address too. */
  below?: true
}

export function NavLinks({ items }: { items: Item[] }) {
  const say = useWords(commonWords)
  const [path] = useLocation()
  return items.map(({ href, word, Icon, below }) => {
    const isHere = path === href || (path.startsWith(`${href}/`) && (below || href !== '/admin'))
    return (
      <Link key={href} href={href} aria-current={isHere ? 'page' : undefined}>
        <Icon size={20} aria-hidden />
        <span>{say(word)}</span>
      </Link>
    )
  })
}
