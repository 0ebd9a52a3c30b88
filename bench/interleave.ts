/** One thing that is asked, over and over; the milliseconds that the answer took, whatever was made ready before. */
export type Ask = (round: number) => Promise<number>

/**
 * Asks each case `n` times, all of them in one random order given by the seed: what slows the machine
 * for a while slows all cases alike, so only a difference between them is left.
 */
export async function measureInterleaved<Name extends string>(
  cases: Record<Name, Ask>,
  { n, seed }: { n: number; seed: number },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(cases) as Name[]
  const order = shuffled(
    names.flatMap((name) => Array.from({ length: n }, (_, round) => ({ name, round }))),
    randomOf(seed),
  )
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as unknown
  const times = taken as Record<Name, number[]>
  for (const { name, round } of order) times[name].push(await cases[name](round))
  return times
}

/** The milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return performance.now() - since
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1))
    ;[items[last], items[at]] = [items[at]!, items[last]!]
  }
  return items
}

// Mulberry32: small, and the same order again from the same seed.
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
