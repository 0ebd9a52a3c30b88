import type { KeyObject } from 'node:crypto'
import type { Context } from '../context.ts'
import { deriveKey, mac, randomSecret, sameSecret } from '../lib/secrets.ts'

export interface KnownDevice {
  id: string
  /** Whose device it is, under which password: a MAC, so the token tells nobody's name. */
  owner: string
}

interface Owner {
  id: string
  password_hash: string | null
}

/**
 * The proof that a device signed in as this user before, good until the password changes: whoever had the
 * old one cannot collect devices, and with them free attempts, for the time after. Nothing is kept.
 */
export function writeDevice(ctx: Context, user: Owner, known?: KnownDevice): string {
  const key = deviceKey(ctx)
  const head = `${known?.id ?? randomSecret(16)}.${ownerOf(key, user)}`
  return `${head}.${mac(key, head)}`
}

/** The device of a token of ours; undefined for any other text. */
export function readDevice(ctx: Context, token: string | undefined): KnownDevice | undefined {
  const [id = '', owner = '', proof = '', ...more] = (token ?? '').split('.')
  const ours = more.length === 0 && sameSecret(proof, mac(deviceKey(ctx), `${id}.${owner}`))
  return ours ? { id, owner } : undefined
}

/** Whether the device is this user's; nobody's when there is no such user. */
export function isDeviceOf(ctx: Context, device: KnownDevice, user: Owner | undefined): boolean {
  const key = deviceKey(ctx)
  const owner = ownerOf(key, user ?? { id: '', password_hash: null })
  return sameSecret(device.owner, owner) && !!user?.password_hash
}

const ownerOf = (key: KeyObject, { id, password_hash }: Owner) =>
  mac(key, `${id} ${password_hash ?? ''}`)

const deviceKey = ({ secret }: Context) => deriveKey(secret, 'known-devices')
