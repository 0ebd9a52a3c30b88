import * as common from '@zxcvbn-ts/language-common'
import { expect, test } from 'vitest'
import { foldCode, generateCode, isReservedCode } from './code-text.ts'
import { isOffensive } from './offensive.ts'

const words = (text: string) => text.split(' ')

test.each(
  words(
    'FUCK FVCK FUCKYOU XXFUCKXX F-U-C-K F_U_C_K SH1T SHIT-27 SLUT ASSHOLE ASS-1234 N1GGER CUNT D1CK BITCH HITLER ' +
      'BLYAT BLYAD-99 HUY- PIZDEC P1ZDA SUKA-22 MUDAK PIDOR 2027-EBLAN ZALUPA GOVNO',
  ),
)('%s offends', (code) => {
  expect(isReservedCode(code)).toBe(true)
  expect(isReservedCode(code.toLowerCase())).toBe(true)
})

test('what offends does so with every letter that codes take for the same', () => {
  const lookAlikes: Record<string, string[]> = { 0: ['0', 'O'], 1: ['1', 'I', 'L'] }
  for (const word of words('SHIT SLUT ASSHOLE WHORE DILDO PIZDA BLYAT HITLER')) {
    const spellings = foldCode(word)
      .split('')
      .reduce<string[]>(
        (made, letter) =>
          made.flatMap((start) => (lookAlikes[letter] ?? [letter]).map((next) => start + next)),
        [''],
      )
    expect(spellings.filter((spelling) => !isReservedCode(spelling))).toEqual([])
  }
})

test.each(
  words(
    'CLASSIC SCUNTHORPE ANN-2027 ESSEX MIDDLESEX TITANIC PENISTONE HULL HULL-2027 SAVANNAH ANAIS ANALYST COCKTAIL ' +
      'DICKENS GRASS PASSION PUSH-IT HANCOCK ASSASSIN MASSAGE THERAPIST DOCUMENT SCRAP REBATE HOLLY SIEGFRIED NAZIRA ' +
      'CUMBRIA SHIITAKE PAKISTAN GAY-PRIDE NIGERIA TITLE ASSETS HUYGENS SUKARNO FUKUOKA DERMOT NATASHA LYUBOV',
  ),
)('%s does not', (code) => {
  expect(isReservedCode(code)).toBe(false)
})

test('no word of a long list of ordinary words offends', () => {
  const ordinary = common.dictionary['diceware-common']
  expect(ordinary.length).toBeGreaterThan(7000)
  expect(ordinary.filter(isOffensive)).toEqual([])
})

test('no generated code offends', () => {
  expect(Array.from({ length: 5000 }, generateCode).filter(isOffensive)).toEqual([])
})
