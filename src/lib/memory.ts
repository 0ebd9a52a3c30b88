import QuickLRU from 'quick-lru'

const KEYS_MAX = 100

/**
 * Keeps what is costly to read for `ms` milliseconds under its key: those who ask meanwhile, also while it
 * is being read, are given the same. A failure is not kept.
 */
export function createMemory<Value>(ms: number) {
  const kept = new QuickLRU<string, Promise<Value>>({ maxSize: KEYS_MAX, maxAge: ms })
  return (key: string, read: () => Promise<Value>): Promise<Value> => {
    const known = kept.get(key)
    if (known) return known
    const reading = read()
    kept.set(key, reading)
    reading.catch(() => kept.delete(key))
    return reading
  }
}

/**
 * The same function, which keeps what it gave for the texts asked for last: `max` of them, twice that for a
 * moment. What is undefined is not kept. For what is worked out from the text alone.
 */
export function rememberRecent<Value>(
  max: number,
  work: (text: string) => Value,
): (text: string) => Value {
  const recent = new QuickLRU<string, Value>({ maxSize: max })
  return (text) => {
    const known = recent.get(text)
    if (known !== undefined) return known
    const made = work(text)
    if (made !== undefined) recent.set(text, made)
    return made
  }
}
