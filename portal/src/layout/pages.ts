import {
  Gift,
  HeartPulse,
  LayoutDashboard,
  Network,
  ScrollText,
  Ticket,
  UserRound,
  Users,
} from 'lucide-react'
import type { Item } from './nav-links.tsx'

/** The pages of everybody who is signed in. */
export const OWN: Item[] = [
  { href: '/', word: 'myCode', Icon: Gift },
  { href: '/referrals', word: 'referrals', Icon: Users },
  { href: '/account', word: 'account', Icon: UserRound },
]

/** The pages of administrators. */
export const ADMIN: Item[] = [
  { href: '/admin', word: 'overview', Icon: LayoutDashboard },
  { href: '/admin/users', word: 'users', Icon: Users },
  { href: '/admin/codes', word: 'codes', Icon: Ticket },
  { href: '/admin/referrals', word: 'allReferrals', Icon: Network },
  { href: '/admin/audit', word: 'audit', Icon: ScrollText },
  { href: '/admin/system', word: 'system', Icon: HeartPulse },
]
