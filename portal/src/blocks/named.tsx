import type { ReactNode } from 'react'
import { Breakable } from './breakable.tsx'
import styles from './named.module.css'

/** Somebody by name, with a sign of the initials, and the address below where there is another name. */
export function Named({
  name,
  person: { username, email },
  children = <Breakable name={name} />,
}: {
  name: string
  person: { username: string | null; email: string | null }
  /** The name as it is shown, such as a link. */
  children?: ReactNode
}) {
  return (
    <div className={styles['named']}>
      <span className={styles['sign']} aria-hidden>
        {initialsOf(name)}
      </span>
      <div>
        <div className={styles['name']}>{children}</div>
        {username && email ? <div className={styles['below']}>{email}</div> : null}
      </div>
    </div>
  )
}

// Of "ann.lee" both, else the first letter.
const initialsOf = (name: string) =>
  name
    .split('@')[0]!
    .split(/[._\s-]+/)
    .map((part) => part.slice(0, 1))
    .slice(0, 2)
    .join('')
    .toUpperCase()
