import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify/sync'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'

type Row = Record<string, unknown>

export interface Export {
  /** Names the file. */
  name: string
  columns: readonly string[]
  batches: AsyncGenerator<Row[], void>
}

const TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' }

/** The form of an export, as its query names it. */
export const ExportFormat = Type.Unsafe<'csv' | 'ndjson'>({
  type: 'string',
  enum: ['csv', 'ndjson'],
  default: 'csv',
  description:
    '`csv`: RFC 4180 in UTF-8 with its mark, a cell that a spreadsheet would run begins with an apostrophe. ' +
    '`ndjson`: an object a line, as it is.',
  examples: ['csv'],
})

/** The answers of an export with these columns. */
export const exported = (description: string, columns: readonly string[]) => ({
  200: {
    description,
    content: {
      'text/csv': { schema: Type.String({ examples: [`${columns.join(',')}\r\n`] }) },
      'application/x-ndjson': {
        schema: Type.String({
          examples: [
            `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, null])))}\n`,
          ],
        }),
      },
    },
  },
})

/**
 * Answers with a file that is written while it is read, in constant memory. A failure of the first rows is
 * answered as any; after that it cuts the file off, so that a part never passes for the whole.
 */
export async function sendExport(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  format: keyof typeof TYPES,
  { name, columns, batches }: Export,
): Promise<FastifyReply> {
  const day = new Date().toISOString().slice(0, 10)
  void reply
    .type(TYPES[format])
    .header('content-disposition', `attachment; filename="${name}-${day}.${format}"`)
  if (request.method === 'HEAD') return reply.send('')
  const first = await batches.next()
  const write = format === 'csv' ? csv(columns) : ndjson(columns)
  const text = writeAll(first.done ? [] : first.value, batches, write)
  return reply.send(Readable.from(text, { objectMode: false }))
}

type Write = (rows: Row[], isFirst: boolean) => string

// Ends, when the client goes away, at the batch that is being read.
async function* writeAll(first: Row[], others: AsyncGenerator<Row[], void>, write: Write) {
  const head = write(first, true)
  if (head) yield head
  for await (const rows of others) yield write(rows, false)
}

const csv =
  (columns: readonly string[]): Write =>
  (rows, isFirst) =>
    stringify(rows, {
      columns: [...columns],
      bom: isFirst,
      header: isFirst,
      record_delimiter: 'windows',
      quoted_match: /[\r\n]/,
      escape_formulas: true,
      cast: { date: (date) => date.toISOString(), boolean: String },
    })

const ndjson =
  (columns: readonly string[]): Write =>
  (rows) =>
    rows.map((row) => `${JSON.stringify(row, [...columns])}\n`).join('')
