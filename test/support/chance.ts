import fc from 'fast-check'

/** Where what is drawn begins: the same in each run, so that none fails by chance; FUZZ_SEED=… draws other cases. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

fc.configureGlobal({ seed: SEED })

export { fc }
