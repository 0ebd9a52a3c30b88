import type { Config } from '../config.ts'
import { isDisposable } from './disposable.ts'
import { createHunter } from './hunter.ts'
import type { RemoteCounts, RemoteOptions } from './remote.ts'

export interface EmailCheck {
  /** Of Hunter; undefined while it is not asked. */
  counts: RemoteCounts | undefined
  /** Takes an address as it is compared (`parseEmail`'s key); what is not known is not refused. */
  isUndeliverable(emailKey: string): Promise<boolean>
}

type HunterConfig = Pick<Config, 'HUNTER_API_KEY' | 'HUNTER_URL'>

/** Refuses throw-away mailboxes by a kept list and, with a key, what Hunter calls undeliverable. */
export function createEmailCheck(config: HunterConfig, options: RemoteOptions): EmailCheck {
  const { HUNTER_API_KEY: key, HUNTER_URL: url } = config
  const hunter = key === undefined ? undefined : createHunter({ key, url, ...options })
  return {
    counts: hunter?.counts,
    async isUndeliverable(emailKey) {
      if (isDisposable(emailKey.slice(emailKey.lastIndexOf('@') + 1))) return true
      return (await hunter?.isUndeliverable(emailKey)) ?? false
    },
  }
}
