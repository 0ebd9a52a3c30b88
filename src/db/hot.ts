import type { Compilable, CompiledQuery } from 'kysely'
import type { Db } from './connect.ts'

/** The statements that each connection prepares once, by their text. */
const names = new Map<string, string>()

/** The name that a statement is prepared under; undefined for one that is sent as it is. */
export const preparedName = (text: string): string | undefined => names.get(text)

type Value = string | number | Date | null
type Given = Value | Record<string, Value>

/**
 * A query that is asked so often that building it costs more than PostgreSQL's work: it is built at its first
 * use, and prepared once by each connection. `build` must pass each value on as it is, so that the text is
 * the same whatever they are; an object that is given must always have the
 * same fields in the same order.
 */
export function hot<Args extends Given[], Row>(
  name: string,
  build: (db: Db, ...args: Args) => Compilable<Row>,
): (db: Db, ...args: Args) => Promise<Row[]> {
  let built: Built<Row> | undefined
  return async (db, ...args) => {
    built ??= buildOnce(name, args, (places) => build(db, ...(places as Args)))
    const values = valuesOf(args)
    const parameters = built.sources.map(({ place, constant }) =>
      place === -1 ? constant : values[place],
    )
    const { rows } = await db.executeQuery<Row>({ ...built.query, parameters })
    return rows
  }
}

/** The same of a query that finds one row or none. */
export function hotFirst<Args extends Given[], Row>(
  name: string,
  build: (db: Db, ...args: Args) => Compilable<Row>,
): (db: Db, ...args: Args) => Promise<Row | undefined> {
  const all = hot(name, build)
  return async (db, ...args) => (await all(db, ...args))[0]
}

interface Built<Row> {
  query: CompiledQuery<Row>
  /** Where each parameter comes from. */
  sources: { place: number; constant: unknown }[]
}

const isFields = (arg: Given): arg is Record<string, Value> =>
  typeof arg === 'object' && arg !== null && !(arg instanceof Date)

const valuesOf = (args: Given[]): unknown[] =>
  args.flatMap((arg) => (isFields(arg) ? Object.values(arg) : [arg]))

function buildOnce<Row>(
  name: string,
  args: Given[],
  build: (places: unknown[]) => Compilable<Row>,
): Built<Row> {
  const all: object[] = []
  const newPlace = () => {
    all.push({})
    return all.at(-1)
  }
  const placesOf = (fields: Record<string, Value>) =>
    Object.fromEntries(Object.keys(fields).map((field) => [field, newPlace()]))
  const query = build(args.map((arg) => (isFields(arg) ? placesOf(arg) : newPlace()))).compile()
  names.set(query.sql, name)
  const sources = query.parameters.map((constant) => ({
    place: all.indexOf(constant as object),
    constant,
  }))
  return { query, sources }
}
