import { fc } from '../support/chance.ts'
import { fits } from './answers.ts'
import { always, encoded, jsonValues, texts } from './hostile-texts.ts'
import type { Field, Place, Schema } from './requests.ts'

const hostileText = fc.oneof(
  fc.constantFrom(...texts),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('A', 'a', '7', '-', '_', '.', '@', ' ', "'", 'é'),
    maxLength: 40,
  }),
  fc.tuple(fc.constantFrom(...texts), fc.constantFrom(...texts)).map(([a, b]) => a + b),
  fc.tuple(fc.emailAddress(), fc.constantFrom(...texts)).map(([a, b]) => b + a),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.uuid(),
  fc.integer().map(String),
)

/**
 * As many different hostile values for a field: those that every run has, then by turns such as its schema lets
 * through and any others; the same by the same seed.
 */
export function valuesAt({ place, schema }: Field, count: number, seed: number): string[] {
  const known = written(place, { texts, json: jsonValues, encoded })
  const order = fc.shuffledSubarray(known, { minLength: known.length })
  const [shuffled] = fc.sample(order, { seed, numRuns: 1 })
  const generated = fc.sample(hostileAt(place), { seed, numRuns: count * 3 })
  const all = [...written(place, { texts: edgesOf(schema), json: [], encoded: [] }), ...shuffled!]
  const pass = all.filter((value) => fitting(place, schema, value))
  const others = [...all, ...generated].filter((value) => !pass.includes(value))
  const turns = others.flatMap((value, turn) => [pass[turn] ?? value, value])
  return [...new Set([...written(place, always), ...turns])].slice(0, count)
}

/** The shortest and longest, the least and greatest, and those just beyond. */
function edgesOf(schema: Schema): string[] {
  const { minLength = 0, maxLength = 0, minimum, maximum, enum: values = [], anyOf = [] } = schema
  const lengths = [minLength - 1, minLength, maxLength, maxLength + 1].filter((size) => size > 0)
  const numbers = [minimum, maximum].flatMap((edge) => {
    return edge === undefined ? [] : [edge - 1, edge, edge + 1]
  })
  return [
    ...numbers.map(String),
    ...values.flatMap((value) => [value, value.toUpperCase(), ` ${value}`]),
    ...lengths.flatMap((length) => ['a', '\u00e9', "'", '%'].map((sign) => sign.repeat(length))),
    ...anyOf.flatMap(edgesOf),
  ]
}

function fitting(place: Place, schema: Schema, value: string): boolean {
  try {
    if (place === 'json') return fits(schema, JSON.parse(value))
    const text = place === 'header' ? value : decodeURIComponent(value)
    return fits(schema, text) || (text !== '' && fits(schema, Number(text)))
  } catch {
    return false
  }
}

/** A hostile value as it is written at this place: JSON, percent-encoded, or bare. */
export function hostileAt(place: Place): fc.Arbitrary<string> {
  const text = hostileText.map(WRITE[place])
  if (place === 'header') return text
  if (place === 'json') {
    const anything = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value))
    return fc.oneof({ weight: 3, arbitrary: text }, fc.constantFrom(...jsonValues), anything)
  }
  const raw = fc.constantFrom(...encoded)
  const either = fc.oneof({ weight: 4, arbitrary: text }, raw)
  return place === 'path' ? either.map(inPath) : either
}

type Lists = Record<'texts' | 'json' | 'encoded', string[]>

function written(place: Place, { texts, json, encoded }: Lists): string[] {
  const values = texts.map(WRITE[place])
  if (place === 'header') return values
  if (place === 'json') return [...values, ...json]
  return place === 'path' ? [...values, ...encoded].map(inPath) : [...values, ...encoded]
}

const percent = (text: string) => encodeURIComponent(text.toWellFormed())

const WRITE: Record<Place, (text: string) => string> = {
  json: (text) => JSON.stringify(text),
  form: percent,
  query: percent,
  path: percent,
  header: (text) => text.replaceAll(/[^\t -~\xa0-\xff]/g, '?'),
}

// An empty part and one of dots are another address, and so is all that follows a question mark.
const inPath = (text: string) =>
  /^(\.|%2e){0,2}$/i.test(text) ? '%20' : text.replaceAll(/[/?#&]/g, '.x')
