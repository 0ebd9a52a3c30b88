/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How steep the straight line is that is nearest to the points (least squares). */
export function slope(points: [x: number, y: number][]): number {
  const mean = (of: (point: [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)]
  return mean((point) => (point[0] - x) * (point[1] - y)) / mean((point) => (point[0] - x) ** 2)
}

/**
 * The probability that a value of `one` is smaller than one of `other`, ties counting half (Mann and
 * Whitney's U over the number of pairs): 0.5 tells them apart no better than a coin, 0 and 1 always.
 */
export function auc(one: number[], other: number[]): number {
  const sorted = other.toSorted((a, b) => a - b)
  const smaller = one.reduce((sum, value) => {
    const [below, upTo] = [countBelow(sorted, value), countBelow(sorted, value, true)]
    return sum + sorted.length - upTo + (upTo - below) / 2
  }, 0)
  return smaller / (one.length * other.length)
}

/** Kolmogorov and Smirnov's largest distance between two samples, and how likely one as large is by chance. */
export function kolmogorovSmirnov(one: number[], other: number[]) {
  const [a, b] = [one.toSorted((x, y) => x - y), other.toSorted((x, y) => x - y)]
  const distances = [...a, ...b].map((value) =>
    Math.abs(countBelow(a, value, true) / a.length - countBelow(b, value, true) / b.length),
  )
  const d = Math.max(...distances)
  const root = Math.sqrt((a.length * b.length) / (a.length + b.length))
  // Stephens' correction for finite samples.
  return { d, p: kolmogorovTail((root + 0.12 + 0.11 / root) * d) }
}

function kolmogorovTail(lambda: number): number {
  // Below, the series converges slowly, and the probability is 1 to ten digits.
  if (lambda < 0.3) return 1
  let sum = 0
  for (let j = 1; j <= 100; j++) sum += (j % 2 ? 2 : -2) * Math.exp(-2 * j * j * lambda * lambda)
  return Math.min(1, Math.max(0, sum))
}

/** How many of `sorted` are smaller than `value`, or equal to it when they count too. */
function countBelow(sorted: number[], value: number, orEqual = false): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const below = sorted[middle]! < value || (orEqual && sorted[middle] === value)
    if (below) low = middle + 1
    else high = middle
  }
  return low
}
