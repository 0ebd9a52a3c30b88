// `npm ci` runs this. Where the development dependencies were left out there is nothing to build with, and maybe
// a Node.js that runs no TypeScript: the service then says that the portal is not built, and the rest works.
try {
  import.meta.resolve('vite')
} catch {
  process.stderr.write('The portal is not built: the development dependencies are left out.\n')
  process.exit()
}
await import('./build.ts')
