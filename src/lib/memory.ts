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
