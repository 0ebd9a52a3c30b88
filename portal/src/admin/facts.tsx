import type { ReactNode } from 'react'
import styles from './admin.module.css'

export interface Fact {
  word: string
  /** Where it is null the fact is left out. */
  value: ReactNode
}

/** Words with what is known of each. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={styles['facts']}>
      {facts.map(({ word, value }) =>
        value === null ? null : (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
