import { parseArgs, stripVTControlCharacters } from 'node:util'
import { type ArgsDef, type CommandDef, renderUsage } from 'citty'
import { EXIT_USAGE } from './command-error.ts'
import { say } from './run.ts'

/** What a command is for and takes, on standard output: it was asked for. */
export async function help(command: CommandDef, parent?: CommandDef): Promise<void> {
  process.stdout.write(`${await usageText(command, parent, process.stdout.isTTY)}\n`)
}

/** Says what was wrong with the words given, and what a command takes, on standard error. */
export async function refuse(
  sentence: string,
  command: CommandDef,
  parent?: CommandDef,
): Promise<void> {
  say(`${await usageText(command, parent, process.stderr.isTTY)}\n${sentence}`)
  process.exitCode = EXIT_USAGE
}

/** What is wrong with the words given to a command: an option it does not have, a value missing, one too many. */
export function findMistake(args: ArgsDef, given: string[]): string | undefined {
  const named = Object.entries(args).filter(([, { type }]) => type !== 'positional')
  const places = Object.keys(args).length - named.length
  const options = Object.fromEntries(
    named.map(([name, { type }]) => [
      name,
      { type: type === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    const { positionals } = parseArgs({
      args: given,
      options,
      allowPositionals: true,
      allowNegative: true,
    })
    const extra = positionals[places]
    return extra === undefined ? undefined : `There is one argument too many: "${extra}".`
  } catch (error) {
    // Only its first sentence; what follows is about positional arguments.
    return (error as Error).message.replace(/\.? To specify .*$/s, '').replace(/\.?$/, '.')
  }
}

async function usageText(command: CommandDef, parent: CommandDef | undefined, colours: boolean) {
  const text = `${(await renderUsage(command, parent)).trimEnd().replaceAll(/ +$/gm, '')}\n`
  return colours ? text : stripVTControlCharacters(text)
}
