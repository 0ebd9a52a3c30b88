import { Button, Group, Portal, Text, Title } from '@mantine/core'
import type { Code } from '../api/client.gen.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import styles from './qr.module.css'

const SMALL = { size: 'compact-sm', variant: 'subtle' } as const

/** The link as a picture to scan: to save, and to print with what a stranger needs to know. */
export function Qr({ code: { code, url } }: { code: Code }) {
  const say = useWords(referrerWords)
  const address = `/api/v1/referrals/codes/${encodeURIComponent(code)}/qr`
  return (
    <div className={styles['block']}>
      <img className={styles['picture']} src={address} alt={say('qr')} width="136" height="136" />
      <Group gap={0} justify="center">
        <Button
          component="a"
          href={address}
          download={`${code}.svg`}
          aria-label={say('saveSvg')}
          {...SMALL}
        >
          SVG
        </Button>
        <Button
          component="a"
          href={`${address}?format=png`}
          download={`${code}.png`}
          aria-label={say('savePng')}
          {...SMALL}
        >
          PNG
        </Button>
        <Button {...SMALL} onClick={() => print()}>
          {say('print')}
        </Button>
      </Group>
      <Portal>
        <div className={styles['poster']} data-poster>
          <Title order={2}>{say('invited')}</Title>
          <img src={address} alt="" />
          <Text>{say('posterHint')}</Text>
          <Text className={styles['address']}>{url}</Text>
          <Text className={styles['address']}>{say('posterCode', { code })}</Text>
        </div>
      </Portal>
    </div>
  )
}
