import { useSyncExternalStore } from 'react'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'
import styles from './offline-banner.module.css'

/** Says that the network is away, for as long as it is. */
export function OfflineBanner() {
  const say = useWords(commonWords)
  const online = useSyncExternalStore(subscribe, () => navigator.onLine)
  return (
    <output className={styles['banner']} hidden={online}>
      {online ? null : say('offline')}
    </output>
  )
}

function subscribe(listener: () => void) {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}
