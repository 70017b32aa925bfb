import { validate } from '@cfworker/json-schema'
import { dereference, type Lookup } from './lookup'
import type { Expression, FieldSchema, Form, Hint, Mistake, Value, Values } from './types'

/**
 * What somebody filled in: what of it counts, and what is wrong with it. The gateway says the same
 * (backend/catalogue/filling.py); tests/vectors/forms.json holds both to it.
 */
export class Filling {
  private readonly lookup: Lookup
  private readonly group: Group

  constructor(private readonly form: Form) {
    this.lookup = dereference(form.schema)
    this.group = new Group(form.schema, form.ui as Record<string, Hint>, this.lookup)
  }

  /** The values that count: without what is empty or not asked for, with what is calculated. */
  counted(values: Values): Values {
    return this.group.counted(values)
  }

  /** Whether a field at the top is asked for while the others are like this. */
  asked(name: string, counted: Values): boolean {
    return this.group.asked(name, counted)
  }

  /** Whether a field of an entry of a repeated group is asked for. */
  askedIn(list: string, name: string, entry: Values): boolean {
    return this.group.askedIn(list, name, entry)
  }

  /** At most one mistake for each place. */
  mistakes(counted: Values): Mistake[] {
    const found = new Map<string, { rank: number; detail: string }>()
    for (const error of errorsOf(counted, this.form.schema, this.lookup)) {
      const told = this.told(error)
      if (!told) continue
      const earlier = found.get(told.pointer)
      if (!earlier || told.rank < earlier.rank) found.set(told.pointer, told)
    }
    return [...found].map(([pointer, { detail }]) => ({ pointer, detail }))
  }

  /** The schema of a field by its pointer. */
  schemaAt(pointer: string): FieldSchema {
    let schema: FieldSchema = this.form.schema
    for (const part of pointerParts(pointer)) {
      schema = resolved(schema, this.lookup)
      schema = (/^\d+$/.test(part) && schema.items ? schema.items : schema.properties?.[part]) ?? {}
    }
    return resolved(schema, this.lookup)
  }

  hintAt(pointer: string): Hint {
    let hints = this.form.ui as Record<string, unknown>
    for (const part of pointerParts(pointer)) hints = ((/^\d+$/.test(part) ? hints.items : hints[part]) ?? {}) as Record<string, unknown>
    return hints as Hint
  }

  private told(error: RawError): { pointer: string; rank: number; detail: string } | null {
    if (WRAPPERS.has(error.keyword) || /\/(oneOf|anyOf|not|contains|if)\//.test(error.keywordLocation)) return null
    const pointer = decodeURI(error.instanceLocation.slice(1))
    if (error.keyword === 'required' || error.keyword === 'dependentRequired') {
      const name = /"([^"]*)"[^"]*$/.exec(error.error)?.[1] ?? ''
      const place = `${pointer}/${name}`
      return { pointer: place, rank: -1, detail: `${this.isChosen(place) ? '请选择' : '请填写'}${this.title(place)}` }
    }
    if (error.keyword === 'false') {
      const known = this.schemaAt(pointer).title !== undefined
      return { pointer, rank: RANKS.length, detail: known ? `不用填写${this.title(pointer)}` : '这张表没有这一项' }
    }
    const rank = RANKS.indexOf(error.keyword)
    return { pointer, rank: rank < 0 ? RANKS.length : rank, detail: this.sentence(pointer, error) }
  }

  private sentence(pointer: string, error: RawError): string {
    const wrong = this.hintAt(pointer).wrong
    if (wrong && ['pattern', 'format', 'minLength', 'maxLength'].includes(error.keyword)) return wrong
    const say = SENTENCES[error.keyword]
    const title = this.title(pointer)
    return say ? say(title, String(valueAt(this.form.schema, error.keywordLocation, this.lookup))) : `${title}填得不对`
  }

  /** Whether a field is answered by choosing rather than by writing. */
  private isChosen(pointer: string): boolean {
    const schema = this.schemaAt(pointer)
    return schema.enum !== undefined || schema.oneOf !== undefined || schema.type === 'boolean' || this.hintAt(pointer).widget === 'region'
  }

  private title(pointer: string): string {
    const parts = pointerParts(pointer)
    return this.schemaAt(pointer).title ?? parts[parts.length - 1] ?? '这张表'
  }
}

interface RawError {
  keyword: string
  keywordLocation: string
  instanceLocation: string
  error: string
}

const WRAPPERS = new Set(['properties', 'patternProperties', 'items', 'prefixItems', 'allOf', 'if', '$ref', 'additionalProperties', 'dependentSchemas', 'propertyNames'])
/** Which mistake is told where there are several: the first of these. */
const RANKS = ['type', 'pattern', 'format', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'enum', 'oneOf', 'const']
const SENTENCES: Record<string, (title: string, limit: string) => string> = {
  pattern: (title) => `${title}的格式不对`,
  format: (title) => `${title}的格式不对`,
  minLength: (title, limit) => `${title}至少 ${limit} 个字`,
  maxLength: (title, limit) => `${title}最多 ${limit} 个字`,
  minimum: (title, limit) => `${title}不能小于 ${limit}`,
  maximum: (title, limit) => `${title}不能大于 ${limit}`,
  exclusiveMinimum: (title, limit) => `${title}应大于 ${limit}`,
  exclusiveMaximum: (title, limit) => `${title}应小于 ${limit}`,
  multipleOf: (title, limit) => `${title}应是 ${limit} 的倍数`,
  minItems: (title, limit) => `${title}至少填 ${limit} 项`,
  maxItems: (title, limit) => `${title}最多填 ${limit} 项`,
  uniqueItems: (title) => `${title}有重复的内容`,
  enum: (title) => `请选择${title}`,
  oneOf: (title) => `请选择${title}`,
  const: (title) => `请确认“${title}”`,
}

function errorsOf(values: Values, schema: object, lookup: Lookup): RawError[] {
  return validate(values, schema as never, '2020-12', lookup as never, false).errors
}

function fits(schema: object, values: Values): boolean {
  return validate(values, schema as never, '2020-12', dereference(schema) as never, true).valid
}

export function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
}

export function resolved(schema: FieldSchema, lookup: Lookup): FieldSchema {
  return schema.$ref ? resolved((lookup[schema.$ref] ?? {}) as FieldSchema, lookup) : schema
}

/** What stands in a schema where a keyword failed; the way there may lead through references. */
function valueAt(schema: FieldSchema, location: string, lookup: Lookup): unknown {
  let at: unknown = schema
  for (const part of pointerParts(decodeURI(location.slice(1)))) {
    if (typeof at !== 'object' || at === null) return undefined
    const next = (at as Record<string, unknown>)[part]
    at = part === '$ref' && typeof next === 'string' ? lookup[next] : next
  }
  return at
}

function isEmpty(value: Value): boolean {
  return value === '' || value === null || value === undefined
}

function isEntry(value: Value): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of one object: the form itself, or one entry of a repeated group. */
class Group {
  private readonly conditions: [string, object][] = []
  private readonly sums: [string, Expression][] = []
  private readonly inner = new Map<string, Group>()

  constructor(schema: FieldSchema, hints: Record<string, Hint>, lookup: Lookup) {
    for (const [name, raw] of Object.entries(schema.properties ?? {})) {
      const hint = hints[name] ?? {}
      if (hint.when) this.conditions.push([name, hint.when])
      if (hint.calculate !== undefined) this.sums.push([name, hint.calculate])
      const items = raw.items && resolved(raw.items, lookup)
      if (raw.type === 'array' && items?.properties) this.inner.set(name, new Group(items, hint.items ?? {}, lookup))
    }
  }

  asked(name: string, values: Values): boolean {
    const condition = this.conditions.find(([field]) => field === name)
    return !condition || fits(condition[1], values)
  }

  askedIn(list: string, name: string, entry: Values): boolean {
    const group = this.inner.get(list)
    return !group || group.asked(name, group.counted(entry))
  }

  counted(values: Values): Values {
    const kept: Values = {}
    for (const [name, value] of Object.entries(values)) if (!isEmpty(value)) kept[name] = this.entries(name, value)
    this.calculate(kept)
    // A field may be asked for because of another one that is itself not asked for.
    for (;;) {
      const gone = this.conditions.filter(([name, when]) => name in kept && !fits(when, kept))
      if (gone.length === 0) return kept
      for (const [name] of gone) delete kept[name]
      this.calculate(kept)
    }
  }

  private entries(name: string, value: Value): Value {
    const group = this.inner.get(name)
    if (!group || !Array.isArray(value)) return value
    return value.map((entry) => (isEntry(entry) ? group.counted(entry) : entry))
  }

  private calculate(kept: Values): void {
    for (const [name, expression] of this.sums) {
      const result = calculated(expression, kept)
      if (result === null || !this.asked(name, kept)) delete kept[name]
      else kept[name] = result
    }
  }
}

/** The result of a `calculate` hint to two decimals; null while a part is missing. */
export function calculated(expression: Expression, values: Values): number | null {
  const result = valueOf(expression, values)
  return result === null ? null : Math.round((result + Number.EPSILON * Math.sign(result)) * 100) / 100
}

function valueOf(expression: Expression, values: Values): number | null {
  if (typeof expression === 'string') return numberOf(values[expression])
  if (typeof expression === 'number') return expression
  const [operator, ...operands] = expression
  if (operator === 'sum' || operator === 'count') return overEntries(operator, operands as string[], values)
  const parts = operands.map((operand) => valueOf(operand, values))
  if (parts.some((part) => part === null)) return null
  return (parts as number[]).reduce((one, other) => (operator === '+' ? one + other : operator === '-' ? one - other : one * other))
}

function overEntries(operator: 'sum' | 'count', [list, field]: string[], values: Values): number {
  const entries = Array.isArray(values[list]) ? (values[list] as Value[]) : []
  if (operator === 'count') return entries.length
  return entries.reduce<number>((total, entry) => total + ((isEntry(entry) ? numberOf(entry[field]) : null) ?? 0), 0)
}

function numberOf(value: Value): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
