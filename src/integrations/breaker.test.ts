import { expect, test } from 'vitest'
import { createBreaker } from './breaker.ts'

const fails = () => Promise.reject(new Error('away'))
const answers = async () => 'answer'

function setUp() {
  const clock = { now: 0 }
  const breaker = createBreaker(() => clock.now)
  const failTimes = async (times: number) => {
    for (let i = 0; i < times; i++) await expect(breaker.run(fails)).rejects.toThrow('away')
  }
  return { clock, breaker, failTimes }
}

test('after five failures in a row nothing is tried for 30 s', async () => {
  const { clock, breaker, failTimes } = setUp()
  await failTimes(5)
  let tried = 0
  const count = async () => void tried++
  clock.now = 29_999
  await breaker.run(count)
  expect(tried).toBe(0)
  clock.now = 30_000
  await breaker.run(count)
  expect(tried).toBe(1)
})

test('one answer among failures keeps it closed', async () => {
  const { breaker, failTimes } = setUp()
  await failTimes(4)
  expect(await breaker.run(answers)).toBe('answer')
  await failTimes(4)
  expect(await breaker.run(answers)).toBe('answer')
})

test('a trial that fails opens it for another 30 s, one that succeeds closes it', async () => {
  const { clock, breaker, failTimes } = setUp()
  await failTimes(5)
  clock.now = 30_000
  await failTimes(1)
  clock.now = 59_999
  expect(await breaker.run(answers)).toBeUndefined()
  clock.now = 60_000
  expect(await breaker.run(answers)).toBe('answer')
  await failTimes(4)
  expect(await breaker.run(answers)).toBe('answer')
})

test('of many at once only one is the trial', async () => {
  const { clock, breaker, failTimes } = setUp()
  await failTimes(5)
  clock.now = 30_000
  const results = await Promise.all(Array.from({ length: 20 }, () => breaker.run(answers)))
  expect(results.filter((result) => result === 'answer')).toHaveLength(1)
})

test('what began before it opened neither closes it nor prolongs it', async () => {
  const { clock, breaker, failTimes } = setUp()
  const late = Promise.withResolvers<string>()
  const later = Promise.withResolvers<string>()
  const begun = [breaker.run(() => late.promise), breaker.run(() => later.promise)]
  await failTimes(5)
  late.resolve('late')
  expect(await begun[0]).toBe('late')
  expect(await breaker.run(answers)).toBeUndefined()
  clock.now = 20_000
  later.reject(new Error('later'))
  await expect(begun[1]).rejects.toThrow('later')
  clock.now = 30_000
  expect(await breaker.run(answers)).toBe('answer')
})

test('it tells whether it asks, rests, or tries again', async () => {
  const { clock, breaker, failTimes } = setUp()
  await failTimes(4)
  expect(breaker.state()).toBe('asking')
  await failTimes(1)
  expect(breaker.state()).toBe('resting')
  clock.now = 30_000
  expect(breaker.state()).toBe('trying')
  await breaker.run(answers)
  expect(breaker.state()).toBe('asking')
})
