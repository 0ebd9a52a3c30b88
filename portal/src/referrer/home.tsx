import { Skeleton } from '@mantine/core'
import { Block } from '../blocks/block.tsx'
import { AfterAWhile } from '../blocks/skeletons.tsx'
import { Page } from '../layout/page.tsx'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'
import { CodeCard } from './code-card.tsx'
import { CodeHistory } from './code-history.tsx'
import { useCodes } from './codes.ts'
import { Funnel } from './funnel.tsx'
import styles from './home.module.css'
import { HowItWorks } from './how-it-works.tsx'
import { Latest } from './latest.tsx'

/** My code: what to share, what came of it, and the codes before. */
export function Home() {
  const say = useWords(commonWords)
  const codes = useCodes()
  const skeleton = (
    <AfterAWhile>
      <Skeleton height={280} radius="lg" />
    </AfterAWhile>
  )
  return (
    <Page title={say('myCode')}>
      <div className={styles['home']}>
        <div className={styles['card']}>
          <Block query={codes} skeleton={skeleton}>
            {({ items }) => <CodeCard newest={items[0]} />}
          </Block>
        </div>
        <div className={styles['figures']}>
          <Funnel />
        </div>
        <div className={styles['latest']}>
          <Latest />
        </div>
        <div className={styles['before']}>
          {codes.data?.total === 0 ? <HowItWorks /> : null}
          {codes.data && codes.data.total > 1 ? <CodeHistory /> : null}
        </div>
      </div>
    </Page>
  )
}
