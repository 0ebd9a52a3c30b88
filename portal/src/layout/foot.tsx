import { Anchor } from '@mantine/core'
import { LanguageSelect, ThemeSelect } from '../blocks/preferences.tsx'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'
import styles from './foot.module.css'

/** The foot of every page: the documentation, the language and the theme. */
export function Foot() {
  const say = useWords(commonWords)
  return (
    <footer className={styles['foot']}>
      <nav className={styles['links']} aria-label={say('documentation')}>
        <Anchor href="/docs" size="sm">
          {say('tryApi')}
        </Anchor>
        <Anchor href="/redoc" size="sm">
          {say('readApi')}
        </Anchor>
      </nav>
      <div className={styles['links']}>
        <LanguageSelect size="xs" aria-label={say('language')} />
        <ThemeSelect size="xs" aria-label={say('theme')} />
      </div>
    </footer>
  )
}
