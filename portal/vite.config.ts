import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// What nearly every page is made of, in one file: in thirty it packs 7 kB worse.
const BASE = [
  /node_modules\/(react|react-dom|scheduler|@tanstack|wouter|regexparam|use-sync-external-store|clsx)\//,
  /@mantine\/core\/esm\/core\//,
  /@mantine\/core\/esm\/components\/(Text|Title|Anchor|Group|Stack|Paper|Input|InputBase|TextInput|NativeSelect|Button|UnstyledButton|Loader|Alert|Skeleton|VisuallyHidden|CloseButton|ActionIcon)\//,
  /portal\/src\/(api|language|session|me|shortcuts|theme|use-words)/,
  /src\/words\/(common|catalogue|words-in)/,
]

export default defineConfig({
  plugins: [react()],
  // The service writes a fresh nonce in its place into each page.
  html: { cspNonce: '__NONCE__' },
  build: {
    target: 'baseline-widely-available',
    // light-dark() as it is: what stands in for it does not follow Mantine's choice of a theme.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'base', test: (id) => BASE.some((part) => part.test(id)) }],
        },
      },
    },
  },
  // `npx vite portal` beside a running service shows each change at once.
  server: { proxy: { '/api': 'http://localhost:8000', '/docs': 'http://localhost:8000' } },
})
