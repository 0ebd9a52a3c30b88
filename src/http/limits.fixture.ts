import type { InjectOptions } from 'fastify'
import { send, type TestApp } from '../../test/support/app.ts'

let addresses = 0
/** An address that nobody used before. */
export const newAddress = () => `198.51.${++addresses >> 8}.${addresses & 255}`

/** A sign-in from this address. */
export const login = (remoteAddress: string, payload: object): InjectOptions => ({
  method: 'POST',
  url: '/api/v1/auth/login',
  remoteAddress,
  payload,
})

/** The statuses of `count` requests to `on`, one after another. */
export async function statusesOf(
  on: TestApp,
  count: number,
  request: (number: number) => InjectOptions,
) {
  const found: number[] = []
  for (let number = 0; number < count; number++) {
    found.push((await send(on, request(number))).statusCode)
  }
  return found
}

/** So many answers of one status. */
export const times = (count: number, status: number) => Array<number>(count).fill(status)
