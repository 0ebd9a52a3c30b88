#!/usr/bin/env node
import { defineCommand, runMain } from 'citty'

const main = defineCommand({
  meta: {
    name: 'invitree',
    version: '0.1.0',
    description: 'A referral system that you run yourself.',
  },
  subCommands: {
    serve: () => import('./serve.ts').then((file) => file.serve),
    migrate: () => import('./migrate.ts').then((file) => file.migrateCommand),
    'create-admin': () => import('./create-admin.ts').then((file) => file.createAdminCommand),
    seed: () => import('./seed.ts').then((file) => file.seed),
    doctor: () => import('./doctor.ts').then((file) => file.doctor),
    generate: () => import('./generate.ts').then((file) => file.generate),
    openapi: () => import('./openapi.ts').then((file) => file.openapi),
  },
})

await runMain(main)
