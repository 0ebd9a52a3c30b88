import type { InjectOptions } from 'fastify'
import { send, type TestApp } from '../../test/support/app.ts'

/** A sign-in from this address. */
export const login = (remoteAddress: string, payload: object): InjectOptions => ({
  method: 'POST',
  url: '/api/v1/auth/login',
  remoteAddress,
  payload,
})

/** Asks `count` times, one after another, and gives the statuses. */
export const askingFor =
  (it: TestApp) =>
  async (count: number, request: (number: number) => InjectOptions, on = it) => {
    const found: number[] = []
    for (let number = 0; number < count; number++) {
      found.push((await send(on, request(number))).statusCode)
    }
    return found
  }

/** So many answers of one status. */
export const times = (count: number, status: number) => Array<number>(count).fill(status)
