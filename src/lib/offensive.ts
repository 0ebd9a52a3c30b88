import transliterated from 'bad-words-next/lib/ru_lat'
import {
  createSimpleTransformer,
  englishDataset,
  englishRecommendedTransformers,
  type LiteralNode,
  type Node,
  type ParsedPattern,
  parseRawPattern,
  RegExpMatcher,
} from 'obscenity'
import { lazy } from './lazy.ts'

// What neither list has: more Russian in Latin letters, and whom nobody is invited under. A bar is the edge of a
// word.
const MORE =
  '|blya| |blyat |blyad |bliat |bliad |suka| |mudak |mudil |gandon |gondon |dermo| |zhopa |jopa| |pizd |xui| |xuy| |khui| |nahui |nahuy |ebal| |ebat| |dolboeb |dolbaeb |shlux hitler |nazi| |nazis| |kkk|'
// Names and ordinary words that begin like an offensive one, or hold one.
const HARMLESS =
  'anais cockpit cumin dermot fagan fukuda fukuoka penistone reanalyze shiitake sukabumi sukarno'

/**
 * Whether a code's text holds an offensive word, English or Russian in Latin letters, also one spelled with
 * digits, with letters that codes take for one another, or letter by letter.
 */
export function isOffensive(code: string): boolean {
  // Letters that stand alone between dashes are read together, whole words are not: PUSH-IT is fine.
  const joined = code.replaceAll(/(?<![^-_])([A-Z0-9])[-_](?=[A-Z0-9](?![^-_]))/gi, '$1')
  const text = joined.replaceAll('_', '-')
  // Letters that are doubled are read once, but not two that only look alike, as in D1LDO.
  return matcher().hasMatch(text) || matcher().hasMatch(text.replaceAll(/[IL1]{2}/gi, 'LL'))
}

// Few processes ever need it at their start.
const matcher = lazy(createMatcher)

function createMatcher(): RegExpMatcher {
  const { whitelistedTerms = [], blacklistedTerms } = englishDataset.build()
  const { blacklistMatcherTransformers = [], ...allowed } = englishRecommendedTransformers
  const russian = [...transliterated.words.map(asPattern), ...MORE.split(' ')]
  const patterns = [
    ...blacklistedTerms.map(({ pattern }) => pattern),
    ...russian.map((word) => parseRawPattern(word)),
  ]
  return new RegExpMatcher({
    ...allowed,
    whitelistedTerms: [...whitelistedTerms, ...HARMLESS.split(' ')],
    blacklistedTerms: patterns.map((pattern, id) => ({ id, pattern: folded(pattern) })),
    blacklistMatcherTransformers: [...blacklistMatcherTransformers, createSimpleTransformer(fold)],
  })
}

// `*` is anything before or after, `+` a letter once or more; what is doubled is read once anyway.
function asPattern(word: string): string {
  const letters = word.replaceAll(/[^a-z]/g, '')
  return `${word.startsWith('*') ? '' : '|'}${letters}${word.endsWith('*') ? '' : '|'}`
}

// Codes take I, L and 1 for one letter: what is offensive with one of them is so with the others.
const [I, L] = [105, 108]
const fold = (char: number) => (char === L ? I : char)

function folded({ nodes, ...edges }: ParsedPattern): ParsedPattern {
  return { ...edges, nodes: nodes.map(foldNode) }
}

function foldNode(node: Node): Node {
  if ('chars' in node) return foldLiteral(node)
  if ('childNode' in node && 'chars' in node.childNode) {
    return { ...node, childNode: foldLiteral(node.childNode) }
  }
  return node
}

const foldLiteral = (node: LiteralNode): LiteralNode => ({ ...node, chars: node.chars.map(fold) })
