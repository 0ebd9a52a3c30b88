import { expect, test } from 'vitest'
import { fc } from '../support/chance.ts'
import { measureInterleaved } from '../../bench/interleave.ts'
import { auc, kolmogorovSmirnov, median } from '../../bench/statistics.ts'

// The expected figures are those of SciPy 1.17 (mannwhitneyu, ks_2samp with method="exact").
const A = [1.1, 2.3, 2.3, 3.8, 5.0, 7.7, 9.1]
const B = [2.3, 4.4, 4.4, 6.1, 8.2, 8.3, 10.5, 11.0, 12.4]
const X = Array.from({ length: 101 }, (_, i) => ((i * 37) % 101) / 10)
const later = (shift: number) => Array.from({ length: 97 }, (_, i) => ((i * 53) % 97) / 10 + shift)

test('the AUC is that of Mann and Whitney, ties counting half', () => {
  expect(auc(A, B)).toBeCloseTo(0.7619047619, 9)
  expect(auc(X, later(1.5))).toBeCloseTo(0.6225375115, 9)
  expect([auc([1, 2], [3, 4]), auc([3, 4], [1, 2]), auc([1, 1], [1, 1])]).toEqual([1, 0, 0.5])
})

test('the distance is that of Kolmogorov and Smirnov, with its probability', () => {
  const small = kolmogorovSmirnov(A, B)
  expect(small.d).toBeCloseTo(0.4603174603, 9)
  expect(small.p).toBeCloseTo(0.27, 1)
  const large = kolmogorovSmirnov(X, later(1.5))
  expect(large.d).toBeCloseTo(0.1485148515, 9)
  expect(large.p).toBeCloseTo(0.2, 1)
  const alike = kolmogorovSmirnov(X, later(0.4))
  expect(alike.d).toBeCloseTo(0.048688374, 9)
  expect(alike.p).toBeCloseTo(0.999, 2)
  expect(kolmogorovSmirnov([1, 2, 3], [1, 2, 3])).toEqual({ d: 0, p: 1 })
  expect(kolmogorovSmirnov(X, later(100)).p).toBeLessThan(1e-20)
})

test('both are the same however the samples are ordered, and turn around with them', () => {
  const sample = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      expect(auc(a, b) + auc(b, a)).toBeCloseTo(1, 12)
      expect(auc(a.toReversed(), b)).toBeCloseTo(auc(a, b), 12)
      expect(kolmogorovSmirnov(a, b).d).toBeCloseTo(kolmogorovSmirnov(b, a).d, 12)
    }),
  )
})

test('the median is the one in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7])
})

test('cases are asked in one random order that the seed gives, each as often as asked for', async () => {
  const orderOf = async (seed: number) => {
    const order: string[] = []
    const ask = (name: string) => async (round: number) => {
      order.push(`${name}${round}`)
      return round
    }
    const times = await measureInterleaved({ a: ask('a'), b: ask('b') }, { n: 20, seed })
    expect(times.a.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(times.b).toHaveLength(20)
    return order.join(' ')
  }
  const [one, again, other] = [await orderOf(1), await orderOf(1), await orderOf(2)]
  expect(again).toBe(one)
  expect(other).not.toBe(one)
  expect(one).not.toMatch(/^(a\d+ )+(b\d+ ?)+$/)
})
