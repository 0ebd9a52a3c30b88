import { lazy, Suspense, useState } from 'react'
import { useSession } from '../session.ts'
import { useShortcut } from '../shortcuts.ts'
import { commonWords } from '../../../src/words/common.ts'
import { useWords } from '../use-words.ts'

const Help = lazy(async () => ({
  default: (await import('./shortcuts-help.tsx')).ShortcutsHelp,
}))
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))

/** The dialogs that a key opens on every page, loaded when they are first asked for. */
export function Dialogs() {
  const say = useWords(commonWords)
  const session = useSession()
  const [open, setOpen] = useState<'help' | 'palette' | undefined>()
  useShortcut('?', say('showHelp'), () => setOpen('help'))
  useShortcut('mod+k', say('palette'), () => {
    if (session === 'in') setOpen('palette')
  })
  const close = () => setOpen(undefined)
  return (
    <Suspense>
      {open === 'help' ? <Help onClose={close} /> : null}
      {open === 'palette' ? <Palette onClose={close} /> : null}
    </Suspense>
  )
}
