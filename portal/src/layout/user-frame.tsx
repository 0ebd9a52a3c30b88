import { LogOut, Shield } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { useMe } from '../me.ts'
import { signOut } from '../session.ts'
import { queryClient } from '../api/queries.ts'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'
import { Brand } from './brand.tsx'
import { Foot } from './foot.tsx'
import { type Item, NavLinks } from './nav-links.tsx'
import { ADMIN, OWN } from './pages.ts'
import styles from './user-frame.module.css'

// On a phone all of the administration is behind one tab; its pages have a row of links of their own.
const ADMIN_TAB: Item = { href: '/admin', word: 'adminTab', Icon: Shield, below: true }

/** The frame of whoever is signed in: a bar on the left, on a phone tabs below. */
export function UserFrame({ children }: { children: ReactNode }) {
  const say = useWords(commonWords)
  const me = useMe()
  const [path] = useLocation()
  const isAdmin = me?.role === 'admin'
  const tabs = isAdmin ? [OWN[0]!, OWN[1]!, ADMIN_TAB, OWN[2]!] : OWN
  return (
    <div className={styles['frame']}>
      <a className={styles['skip']} href="#content">
        {say('skip')}
      </a>
      <header className={styles['bar']}>
        <Brand />
        <nav aria-label={say('navigation')} className={styles['wide']}>
          <NavLinks items={OWN} />
          {isAdmin ? (
            <>
              <p className={styles['group']}>{say('administration')}</p>
              <NavLinks items={ADMIN} />
            </>
          ) : null}
        </nav>
        <button type="button" className={styles['out']} onClick={() => void leave()}>
          <LogOut size={18} aria-hidden />
          <span>{say('signOut')}</span>
        </button>
      </header>
      <div className={styles['body']}>
        {isAdmin && path.startsWith('/admin') ? <AdminRow key={path} /> : null}
        <main id="content" tabIndex={-1} className={styles['main']}>
          {children}
        </main>
        <Foot />
      </div>
      <nav aria-label={say('navigation')} className={styles['tabs']}>
        <NavLinks items={tabs} />
      </nav>
    </div>
  )
}

/** The pages of the administration on a phone, scrolled to the one that is open. */
function AdminRow() {
  const say = useWords(commonWords)
  const row = useRef<HTMLElement>(null)
  useEffect(() => {
    const here = row.current?.querySelector<HTMLElement>('[aria-current]')
    if (here) row.current!.scrollLeft = here.offsetLeft - row.current!.clientWidth / 3
  }, [])
  return (
    <nav ref={row} aria-label={say('administration')} className={styles['row']}>
      <NavLinks items={ADMIN} />
    </nav>
  )
}

async function leave(): Promise<void> {
  await signOut()
  // Whoever signs in next must see nothing of this person.
  queryClient.clear()
}
