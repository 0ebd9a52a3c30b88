import '@mantine/core/styles.css'
import './main.css'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/queries.ts'
import { App } from './app.tsx'
import { Speaking } from './language.ts'
import { cssVariables, theme } from './theme.ts'

const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''

// What locks the scrolling under dialogs writes a style of its own and takes the nonce from here.
Object.assign(globalThis, { __webpack_nonce__: nonce })

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <Speaking>
          <App />
        </Speaking>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
