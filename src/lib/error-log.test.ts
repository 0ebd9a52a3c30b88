import { expect, test } from 'vitest'
import { describeError } from './error-log.ts'

const SECRET = 'zq-secret'

test('an error is told by what went wrong and where, without the values', () => {
  const database = Object.assign(new Error(`invalid input syntax for type uuid: "${SECRET}"`), {
    code: '22P02',
    table: 'users',
    detail: `Failing row contains (${SECRET}).`,
    where: `COPY users: ${SECRET}`,
    input: SECRET,
    parameters: [SECRET],
  })
  Object.assign(database, { severity: 'ERROR' })
  const told = describeError(new TypeError('it broke', { cause: database }))
  expect(told).toMatchObject({
    type: 'TypeError',
    message: 'it broke',
    cause: { code: '22P02', table: 'users', message: 'invalid input syntax for type uuid: "…"' },
  })
  expect(JSON.stringify(told)).toContain('error-log.test.ts')
  expect(JSON.stringify(told)).not.toContain(SECRET)
})

test('addresses, quoted text and JSON that cannot be read are left out', () => {
  for (const message of [
    `No mail for ${SECRET}@example.com`,
    `Unexpected token 'z', "${SECRET}" is not valid JSON`,
    `There is no '${SECRET}'`,
    `This is cut off: "${'x'.repeat(280)}${SECRET}"`,
  ]) {
    expect(JSON.stringify(describeError(new Error(message)))).not.toContain(SECRET)
  }
})

test('the names of our own that a database quotes stay', () => {
  const error = new Error('relation "users" does not exist')
  const told = describeError(Object.assign(error, { severity: 'ERROR', code: '42P01' }))
  expect(told).toMatchObject({ message: 'relation "users" does not exist', code: '42P01' })
})

test('what is no error is told by its type, and a circle of causes ends', () => {
  expect(describeError(SECRET)).toEqual({ type: 'string' })
  const one = new Error('one')
  one.cause = one
  expect(JSON.stringify(describeError(one)).split('"message"')).toHaveLength(5)
})

test('a message over several lines is not taken for the stack', () => {
  const error = new Error(`first\n${SECRET}`)
  expect((describeError(error) as { stack: string }).stack).not.toContain(SECRET)
})

test('an error that a library copied into a plain object is told as the error, the values left out', () => {
  const { message, stack } = new Error('terminating connection')
  const copied = { severity: 'FATAL', code: '57P01', message, stack, queue: SECRET }
  const told = describeError(copied)
  expect(told).toMatchObject({ type: 'Error', message, severity: 'FATAL', code: '57P01' })
  expect(JSON.stringify(told)).toContain('error-log.test.ts')
  expect(JSON.stringify(told)).not.toContain(SECRET)
})
