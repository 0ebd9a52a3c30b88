// Loaded before a service starts: to all that asks for the time it is so much later than it is.
const aheadMs = Number(process.env['CLOCK_AHEAD_MS'])
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor(...given: number[]) {
    super(...((given.length > 0 ? given : [RealDate.now() + aheadMs]) as [number]))
  }

  static override now(): number {
    return RealDate.now() + aheadMs
  }
}

globalThis.Date = ShiftedDate as unknown as DateConstructor
