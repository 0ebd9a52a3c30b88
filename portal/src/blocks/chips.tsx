import { Button, Group } from '@mantine/core'
import { useFormats } from '../formats.ts'
import styles from './filters.module.css'

/** Buttons of which one is pressed, with how many there are behind each. */
export function Chips<T extends string>({
  label,
  chosen,
  options,
  onChoose,
}: {
  label: string
  chosen: T | undefined
  options: { value: T | undefined; label: string; count?: number | undefined }[]
  onChoose: (value: T | undefined) => void
}) {
  const { number } = useFormats()
  return (
    <Group component="ul" gap={6} className={styles['chips']} aria-label={label}>
      {options.map(({ value, label, count }) => (
        <li key={value ?? 'all'}>
          <Button
            size="xs"
            radius="xl"
            variant={value === chosen ? 'filled' : 'default'}
            aria-pressed={value === chosen}
            onClick={() => onChoose(value)}
          >
            {label}
            {count === undefined ? null : <span className={styles['count']}>{number(count)}</span>}
          </Button>
        </li>
      ))}
    </Group>
  )
}
