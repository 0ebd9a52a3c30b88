import { Button, Divider, Text } from '@mantine/core'
import { Download, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { exportMe } from '../api/client.gen.ts'
import { Panel } from '../blocks/panel.tsx'
import { saveFile } from '../blocks/save-file.ts'
import { useSubmit } from '../blocks/submit.ts'
import { toastProblem } from '../blocks/toasts.tsx'
import { accountWords } from '../../../src/words/account.ts'
import { useWords } from '../use-words.ts'

const EraseDialog = lazy(async () => ({
  default: (await import('./erase-dialog.tsx')).EraseDialog,
}))

/** Takes away everything that is held about me, and deletes it. */
export function OwnData() {
  const say = useWords(accountWords)
  const [isErasing, setErasing] = useState(false)
  const downloading = useSubmit(() => exportMe(), {
    onSuccess: (held) => {
      const text = JSON.stringify(held, null, 2)
      saveFile(new Blob([text], { type: 'application/json' }), 'invitree-export.json')
    },
    onError: toastProblem,
  })
  return (
    <Panel title={say('data')}>
      <Text size="sm" mb="sm">
        {say('dataHint')}
      </Text>
      <Button
        variant="default"
        leftSection={<Download size={18} />}
        loading={downloading.isPending}
        onClick={() => downloading.mutate(undefined)}
      >
        {say('download')}
      </Button>
      <Divider my="lg" />
      <Text size="sm" mb="sm">
        {say('eraseHint')}
      </Text>
      <Button
        variant="light"
        color="red"
        leftSection={<Trash2 size={18} />}
        onClick={() => setErasing(true)}
      >
        {say('erase')}
      </Button>
      <Suspense>{isErasing ? <EraseDialog onClose={() => setErasing(false)} /> : null}</Suspense>
    </Panel>
  )
}
