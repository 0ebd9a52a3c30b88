import { Button, Menu } from '@mantine/core'
import { ChevronDown, Download } from 'lucide-react'
import { saveFile } from '../blocks/save-file.ts'
import { useSubmit } from '../blocks/submit.ts'
import { toastProblem } from '../blocks/toasts.tsx'
import { adminWords } from '../../../src/words/admin.ts'
import { useWords } from '../use-words.ts'

type Format = 'csv' | 'ndjson'

/** Takes all that the filters find away, for a spreadsheet or for a program. */
export function SaveMenu({
  name,
  save,
}: {
  /** Of the file. */
  name: string
  save: (format: Format) => Promise<Blob>
}) {
  const say = useWords(adminWords)
  const saving = useSubmit(
    async (format: Format) => saveFile(await save(format), `${name}.${format}`),
    { onError: toastProblem },
  )
  return (
    <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<Download size={16} />}
          rightSection={<ChevronDown size={14} />}
          loading={saving.isPending}
        >
          {say('save')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => saving.mutate('csv')}>{say('saveCsv')}</Menu.Item>
        <Menu.Item onClick={() => saving.mutate('ndjson')}>{say('saveNdjson')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
