import addFormats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import document from '../../openapi.json' with { type: 'json' }
import { parseCode } from '../../src/lib/code-text.ts'
import { parseTimestamp } from '../../src/lib/dates.ts'
import { parseEmail } from '../../src/lib/email.ts'
import { parseUsername } from '../../src/lib/usernames.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true })
;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
const formats = {
  timestamp: parseTimestamp,
  email: parseEmail,
  username: parseUsername,
  code: parseCode,
}
for (const [name, parse] of Object.entries(formats)) {
  ajv.addFormat(name, (value) => parse(value) !== undefined)
}
const compiled = new Map<object, ValidateFunction>()

/** Checks values against a schema of openapi.json; what it refers to is found there. */
export function validatorOf(schema: object): ValidateFunction {
  const known = compiled.get(schema)
  if (known) return known
  const validate = ajv.compile({ ...schema, components: document.components })
  compiled.set(schema, validate)
  return validate
}
