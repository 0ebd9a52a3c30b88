import { Table } from '@mantine/core'
import type { Overview } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { useStepName } from './chart-steps.ts'

/** The figures of the chart for those who cannot see it, or want them exactly. */
export function FigureTable({ figures: { series, interval } }: { figures: Overview }) {
  const say = useWords(figuresWords)
  const { number } = useFormats()
  const nameOf = useStepName(interval === 'month')
  return (
    <details className={styles['details']}>
      <summary>{say('asTable')}</summary>

      <Table horizontalSpacing={4} className={styles['figures']}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{interval === 'month' ? say('month') : say('day')}</Table.Th>
            <Table.Th ta="end">{say('clicks')}</Table.Th>
            <Table.Th ta="end">{say('registrations')}</Table.Th>
            <Table.Th ta="end">{say('confirmed')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {series.toReversed().map((step) => (
            <Table.Tr key={step.at} className={styles['number']}>
              <Table.Td>{nameOf(step.at)}</Table.Td>
              <Table.Td ta="end">{number(step.clicks)}</Table.Td>
              <Table.Td ta="end">{number(step.registrations)}</Table.Td>
              <Table.Td ta="end">{number(step.confirmed)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </details>
  )
}
