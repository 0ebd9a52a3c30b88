import { BaseSequencer, type TestSpecification } from 'vitest/node'

// By what they wait for, of which their size, the order without this, says nothing.
const LONG = ['test/faults/', 'test/portal/', 'src/cli/', 'test/']

/** Begins with what takes longest, so that no worker has a long file left when the others are through. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((folder) => moduleId.includes(`/${folder}`))
      return at === -1 ? LONG.length : at
    }
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}
