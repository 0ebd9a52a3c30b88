import { SetupError } from '../errors.ts'

/** What sysexits.h calls a wrong use of a command. */
export const EXIT_USAGE = 64

/** A command that ends with a sentence and an exit code of its own, 1 unless said otherwise. */
export class CommandError extends SetupError {
  override name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
