import { Panel } from '../blocks/panel.tsx'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import styles from './home.module.css'

/** The way from a code to a friend who counts, for whoever has had no code yet. */
export function HowItWorks() {
  const say = useWords(referrerWords)
  const steps = [say('stepCreate'), say('stepShare'), say('stepSee')]
  return (
    <Panel title={say('howItWorks')}>
      <ol className={styles['way']}>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </Panel>
  )
}
