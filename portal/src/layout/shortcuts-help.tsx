import { Group, Kbd, Modal, Stack, Text } from '@mantine/core'
import { useFocusBack } from '../blocks/focus-back.ts'
import { useShortcuts } from '../shortcuts.ts'
import { useWords } from '../use-words.ts'
import { commonWords } from '../../../src/words/common.ts'

/** Shows the keys that work on the page as it is. */
export function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  useFocusBack()
  const say = useWords(commonWords)
  const shortcuts = useShortcuts()
  return (
    <Modal
      opened
      onClose={onClose}
      title={say('help')}
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <Stack gap="xs">
        {shortcuts.map(({ keys, label }) => (
          <Group key={keys} justify="space-between" wrap="nowrap">
            <Text size="sm">{label}</Text>
            <Kbd>{keys.replace('mod+', 'Ctrl ').toUpperCase()}</Kbd>
          </Group>
        ))}
        <Text size="sm" c="dimmed">
          {say('helpHint')}
        </Text>
      </Stack>
    </Modal>
  )
}
