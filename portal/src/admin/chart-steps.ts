import { useMemo } from 'react'
import { useLocale } from '../language.ts'

/** Names a step of the course: a day, or a month. */
export function useStepName(isByMonth: boolean): (at: string) => string {
  const locale = useLocale()
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(
      locale,
      isByMonth ? { month: 'short', year: '2-digit' } : { day: 'numeric', month: 'short' },
    )
    return (at) => format.format(new Date(at))
  }, [locale, isByMonth])
}

/** Round numbers from 0 to above the largest, three or four of them. */
export function ticksUpTo(largest: number): number[] {
  const rough = Math.max(1, largest) / 3
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough)!
  const whole = Math.max(1, Math.ceil(step))
  const count = Math.ceil(Math.max(1, largest) / whole)
  return Array.from({ length: count + 1 }, (_, index) => index * whole)
}

/** Every how many steps there is room for a name. */
export const everySteps = (steps: number, width: number) =>
  Math.max(1, Math.ceil((steps * 96) / Math.max(1, width)))
