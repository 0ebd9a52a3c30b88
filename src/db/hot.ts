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
 * the same whatever they are; an object that is given must always have the same fields.
 */
export function hot<Args extends Given[], Row>(
  name: string,
  build: (db: Db, ...args: Args) => Compilable<Row>,
): (db: Db, ...args: Args) => Promise<Row[]> {
  let built: Built<Row> | undefined
  return async (db, ...args) => {
    built ??= buildOnce(name, args, (places) => build(db, ...(places as Args)))
    const parameters = built.sources.map((source) => valueOf(source, args))
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
  sources: Source[]
}

/** Where a parameter comes from: an argument, a field of one, or the text itself, which has it as a constant. */
type Source = { arg: number; field?: string } | { constant: unknown }

const isFields = (arg: Given): arg is Record<string, Value> =>
  typeof arg === 'object' && arg !== null && !(arg instanceof Date)

function valueOf(source: Source, args: Given[]): unknown {
  if ('constant' in source) return source.constant
  const given = args[source.arg]!
  return source.field === undefined ? given : (given as Record<string, Value>)[source.field]
}

function buildOnce<Row>(
  name: string,
  args: Given[],
  build: (places: unknown[]) => Compilable<Row>,
): Built<Row> {
  const sources = new Map<unknown, Source>()
  const newPlace = (source: Source) => {
    const place = {}
    sources.set(place, source)
    return place
  }
  const placesOf = (fields: object, arg: number) =>
    Object.fromEntries(
      Object.keys(fields).map((field) => [field, newPlace({ arg, field })] as const),
    )
  const places = args.map((given, arg) =>
    isFields(given) ? placesOf(given, arg) : newPlace({ arg }),
  )
  const query = build(places).compile()
  names.set(query.sql, name)
  return {
    query,
    sources: query.parameters.map((constant) => sources.get(constant) ?? { constant }),
  }
}
