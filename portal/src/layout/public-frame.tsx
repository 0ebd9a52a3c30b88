import { Paper } from '@mantine/core'
import type { ReactNode } from 'react'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'
import { Brand } from './brand.tsx'
import { Foot } from './foot.tsx'
import styles from './public-frame.module.css'

/** The frame of a page that needs no sign-in: one card in the middle. */
export function PublicFrame({ children }: { children: ReactNode }) {
  const say = useWords(commonWords)
  return (
    <div className={styles['frame']}>
      <a className={styles['skip']} href="#content">
        {say('skip')}
      </a>
      <header className={styles['head']}>
        <Brand />
      </header>
      <main id="content" tabIndex={-1} className={styles['main']}>
        <Paper withBorder radius="lg" p={{ base: 'md', xs: 'xl' }}>
          {children}
        </Paper>
      </main>
      <Foot />
    </div>
  )
}
