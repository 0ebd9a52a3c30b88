import { type ArgsDef, type CommandDef, defineCommand, runCommand } from 'citty'
import about from '../../package.json' with { type: 'json' }
import { findMistake, help, refuse } from './usage.ts'

const commands = {
  serve: () => import('./serve.ts').then((file) => file.serve),
  work: () => import('./work.ts').then((file) => file.work),
  migrate: () => import('./migrate.ts').then((file) => file.migrateCommand),
  'create-admin': () => import('./create-admin.ts').then((file) => file.createAdminCommand),
  seed: () => import('./seed.ts').then((file) => file.seed),
  backup: () => import('./backup.ts').then((file) => file.backup),
  restore: () => import('./restore.ts').then((file) => file.restore),
  move: () => import('./move.ts').then((file) => file.move),
  doctor: () => import('./doctor.ts').then((file) => file.doctor),
  generate: () => import('./generate.ts').then((file) => file.generate),
  openapi: () => import('./openapi.ts').then((file) => file.openapi),
}
const invitree = defineCommand({
  meta: {
    name: 'invitree',
    version: about.version,
    description: 'A referral system that you run yourself.',
  },
  subCommands: commands,
})

// Whoever reads our output may stop reading, as `head` does.
process.stdout.on('error', () => process.exit())
await main(process.argv.slice(2))

async function main([name, ...words]: string[]): Promise<void> {
  if (name === undefined || isHelp(name)) return help(invitree)
  if (name === '--version') return void process.stdout.write(`${about.version}\n`)
  if (!Object.hasOwn(commands, name)) return refuse(`There is no command "${name}".`, invitree)
  const command = (await commands[name as keyof typeof commands]()) as CommandDef
  if (words.some(isHelp)) return help(command, invitree)
  const mistake = findMistake((command.args ?? {}) as ArgsDef, words)
  if (mistake) return refuse(mistake, command, invitree)
  try {
    await runCommand(command, { rawArgs: words })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CLIError') throw error
    await refuse(`${error.message}.`, command, invitree)
  }
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}
