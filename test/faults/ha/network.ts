import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { run } from './programs.ts'

/** Two networks, as in a data centre: one for clients, one for the members of the cluster among themselves. */
const NETWORKS = { clients: '10.1.0', cluster: '10.2.0' } as const
export type Network = keyof typeof NETWORKS

export const MACHINES = ['one', 'two'] as const
export type Machine = (typeof MACHINES)[number]

/** The machine of the service is this process's own namespace. */
export const FRONT = '10.2.0.1'

export const addressOf = (machine: Machine, network: Network): string =>
  `${NETWORKS[network]}.${11 + MACHINES.indexOf(machine)}`

/** Lays the cables. The process is in a network and a mount namespace of its own already. */
export function buildNetworks(): void {
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
  mkdirSync('/run/netns')
  run('ip', 'link', 'set', 'lo', 'up')
  for (const network of Object.keys(NETWORKS) as Network[]) {
    run('ip', 'link', 'add', network, 'type', 'bridge')
    run('ip', 'address', 'add', `${NETWORKS[network]}.1/24`, 'dev', network)
    run('ip', 'link', 'set', network, 'up')
  }
  for (const machine of MACHINES) {
    run('ip', 'netns', 'add', machine)
    run('ip', '-n', machine, 'link', 'set', 'lo', 'up')
    for (const network of Object.keys(NETWORKS) as Network[]) connect(machine, network)
  }
}

function connect(machine: Machine, network: Network): void {
  const port = portOf(machine, network)
  run('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', network, 'netns', machine)
  run('ip', 'link', 'set', port, 'master', network, 'up')
  const address = `${addressOf(machine, network)}/24`
  run('ip', '-n', machine, 'address', 'add', address, 'dev', network)
  run('ip', '-n', machine, 'link', 'set', network, 'up')
}

const portOf = (machine: Machine, network: Network) => `${network.slice(0, 3)}-${machine}`

/** From now on nothing reaches the machine over these networks, nor leaves it; nobody is told. */
export function cut(machine: Machine, networks: readonly Network[]): void {
  for (const network of networks) run('ip', 'link', 'set', portOf(machine, network), 'nomaster')
}

export function mend(machine: Machine): void {
  for (const network of Object.keys(NETWORKS) as Network[]) {
    run('ip', 'link', 'set', portOf(machine, network), 'master', network)
  }
}

/** What to put before a command so that it runs on that machine. */
export const on = (machine: Machine): string[] => ['ip', 'netns', 'exec', machine]

/** Kills every process of the machine at once, without a word. */
export function killMachine(machine: Machine): void {
  const pids = run('ip', 'netns', 'pids', machine).split('\n').filter(Boolean)
  // The shell's own kill goes on when one of them has ended with another.
  spawnSync('kill', ['-KILL', ...pids])
}
