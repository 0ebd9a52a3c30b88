import { once } from 'node:events'
import { get as ask } from 'node:http'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { fc } from '../../test/support/chance.ts'
import { whenDone } from '../../test/support/cleanup.ts'
import { sendExport } from './exports.ts'

type Row = Record<string, unknown>

/** An application whose only address is an export of these rows. */
function exporting(batches: () => AsyncGenerator<Row[], void>, columns = ['name', 'other']) {
  const app = fastify()
  app.get('/', (request, reply) => {
    const { format } = request.query as { format: 'csv' | 'ndjson' }
    return sendExport({ request, reply }, format, { name: 'rows', columns, batches: batches() })
  })
  whenDone(() => app.close())
  return app
}

async function write(format: string, batches: Row[][]): Promise<string> {
  const app = exporting(async function* () {
    yield* batches
  })
  const { body } = await app.inject(`/?format=${format}`)
  return body
}

test('a CSV file begins with the mark of UTF-8 and a header, and quotes what needs it', async () => {
  const text = await write('csv', [
    [{ name: 'Žofie, "Zo"', other: 1 }],
    [{ name: 'two\nlines', other: null }],
    [{ name: true, other: new Date('2026-11-21T10:00:00Z') }],
  ])
  expect(text).toBe(
    '\uFEFFname,other\r\n"Žofie, ""Zo""",1\r\n"two\nlines",\r\ntrue,2026-11-21T10:00:00.000Z\r\n',
  )
})

test('a file of nothing has its header', async () => {
  expect(await write('csv', [])).toBe('\uFEFFname,other\r\n')
  expect(await write('ndjson', [])).toBe('')
})

test.each(['=', '+', '-', '@', '\t', '\r'])(
  'a cell that begins with %j is a text to every spreadsheet',
  async (sign) => {
    const [, line] = (await write('csv', [[{ name: `${sign}1+1`, other: 'x' }]])).split('\r\n')
    expect(line!.replace(/^"/, '')).toMatch(/^'/)
    expect(line).toContain(`'${sign}1+1`)
  },
)

test('whatever is written to a CSV file is read from it again, but for the apostrophe', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), async (names) => {
      const rows = names.map((name) => ({ name, other: 'end' }))
      const text = await write('csv', [rows])
      const cells = readCsv(text.slice(1)).slice(1)
      expect(cells.map(([name]) => name)).toEqual(
        names.map((name) => (/^[=+\-@\t\r＝＋－＠]/.test(name) ? `'${name}` : name)),
      )
    }),
    { numRuns: 60 },
  )
})

/** As RFC 4180 says a file is read. */
function readCsv(text: string): string[][] {
  const cells = text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/g)
  const lines: string[][] = [[]]
  for (const [, quoted, plain, end] of cells) {
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '\r\n') lines.push([])
  }
  return lines.slice(0, -1)
}

test('NDJSON has an object a line, with the columns and no others', async () => {
  const text = await write('ndjson', [
    [{ name: '=1+1', other: null, secret: 'x' }],
    [{ other: new Date('2026-11-21T10:00:00Z'), name: 'a\nb' }],
  ])
  expect(text).toBe(
    '{"name":"=1+1","other":null}\n{"name":"a\\nb","other":"2026-11-21T10:00:00.000Z"}\n',
  )
})

test('a failure before the first line is answered, one after it cuts the file off', async () => {
  const early = exporting(async function* () {
    yield await Promise.reject<Row[]>(new Error('away'))
  })
  expect((await early.inject('/?format=csv')).statusCode).toBe(500)

  const late = exporting(async function* () {
    yield [{ name: 'one' }]
    throw new Error('away')
  })
  const address = await late.listen({ port: 0 })
  const response = await fetch(`${address}/?format=csv`)
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow('terminated')
})

test('when the client goes away nothing more is read', async () => {
  let [reads, ended] = [0, false]
  const app = exporting(async function* () {
    try {
      for (; reads < 10_000; reads++) {
        yield Array.from({ length: 1000 }, () => ({ name: 'x'.repeat(100), other: reads }))
      }
    } finally {
      ended = true
    }
  })
  const address = await app.listen({ port: 0 })
  const client = ask(`${address}/?format=ndjson`)
  const [response] = await once(client, 'response')
  await once(response, 'data')
  // It reads no faster than the client takes it.
  expect(reads).toBeLessThan(1000)
  client.destroy()
  await expect.poll(() => ended).toBe(true)
  expect(reads).toBeLessThan(1000)
})

test('HEAD reads nothing', async () => {
  let read = false
  const app = exporting(async function* () {
    read = true
    yield []
  })
  const { headers, statusCode } = await app.inject({ method: 'HEAD', url: '/?format=csv' })
  expect(statusCode).toBe(200)
  expect(headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(headers['content-disposition']).toMatch(
    /^attachment; filename="rows-\d{4}-\d\d-\d\d\.csv"$/,
  )
  expect(read).toBe(false)
})
