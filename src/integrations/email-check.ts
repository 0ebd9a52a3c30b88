import type { Config } from '../config.ts'
import { isDisposable } from './disposable.ts'
import { createHunter } from './hunter.ts'
import type { RemoteHealth, RemoteOptions } from './remote.ts'

/** Its health is Hunter's; undefined while that is not asked. */
export interface EmailCheck {
  counts: RemoteHealth['counts'] | undefined
  state: RemoteHealth['state'] | undefined
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
    state: hunter?.state,
    async isUndeliverable(emailKey) {
      if (isDisposable(emailKey.slice(emailKey.lastIndexOf('@') + 1))) return true
      return (await hunter?.isUndeliverable(emailKey)) ?? false
    },
  }
}
