import { resolved } from './filling'
import { dereference } from './lookup'
import type { FieldSchema, Form, Hint, Scalar } from './types'

/** How a field is filled in. */
export type FieldKind = 'text' | 'area' | 'number' | 'choice' | 'agree' | 'yesno' | 'date' | 'region' | 'list' | 'group' | 'result'

export interface Field {
  name: string
  schema: FieldSchema
  hint: Hint
  kind: FieldKind
  /** Never required, whatever else is filled in. */
  optional: boolean
}

export interface Section {
  title: string
  text: string
  fields: Field[]
}

/** The sections of a form in their order; fields that nobody placed come last. */
export function sectionsOf(form: Form): Section[] {
  const fields = new Map(fieldsOf(form.schema, form.ui as Record<string, Hint>, form.schema).map((field) => [field.name, field]))
  const take = (names: readonly string[]) =>
    names.flatMap((name) => {
      const field = fields.get(name)
      fields.delete(name)
      return field ? [field] : []
    })
  const sections = (form.ui.groups ?? []).map((group) => ({ title: group.title, text: group.text ?? '', fields: take(group.fields) }))
  const rest = [...take(form.ui.order ?? []), ...take([...fields.keys()])]
  if (rest.length > 0) sections.push({ title: sections.length > 0 ? '其他' : '', text: '', fields: rest })
  return sections
}

/** The fields of the form, or of one entry of a repeated group. */
export function fieldsOf(schema: FieldSchema, hints: Record<string, Hint>, whole: FieldSchema): Field[] {
  const lookup = dereference(whole)
  const sometimes = requiredSomewhere(schema)
  return Object.entries(schema.properties ?? {}).map(([name, raw]) => {
    const field = resolved(raw, lookup)
    const hint = hints[name] ?? {}
    return { name, schema: field, hint, kind: kindOf(field, hint), optional: !sometimes.has(name) }
  })
}

/** The fields of an entry of a repeated group, in the order of its hints. */
export function entryFields(field: Field, whole: FieldSchema): Field[] {
  const items = field.schema.items ? resolved(field.schema.items, dereference(whole)) : {}
  const found = fieldsOf(items, field.hint.items ?? {}, whole)
  const order = field.hint.order ?? []
  return [...found].sort((one, other) => placeIn(order, one.name) - placeIn(order, other.name))
}

function placeIn(order: readonly string[], name: string): number {
  const place = order.indexOf(name)
  return place < 0 ? order.length : place
}

/** Names that some part of the schema requires, under whatever condition. */
function requiredSomewhere(schema: FieldSchema): Set<string> {
  const found = new Set<string>(schema.required ?? [])
  const parts = [schema.if, schema.then, schema.else, ...((schema.allOf as unknown[] | undefined) ?? [])]
  for (const part of parts) {
    if (typeof part !== 'object' || part === null || part === schema.if) continue
    for (const name of requiredSomewhere(part as FieldSchema)) found.add(name)
  }
  const dependent = schema.dependentRequired as Record<string, string[]> | undefined
  for (const names of Object.values(dependent ?? {})) for (const name of names) found.add(name)
  return found
}

/** Materials that are uploaded under a field, as long as that field is asked for. */
export function attachedTo(ui: object, asked: (name: string) => boolean): Set<string> {
  const found = new Set<string>()
  for (const [name, hint] of Object.entries(ui) as [string, Hint | unknown[]][]) {
    if (!Array.isArray(hint) && hint.attach && asked(name)) found.add(hint.attach)
  }
  return found
}

const MOST_OF_A_LINE = 100

/** An address or a reason: on a phone one line would show a third of it. */
function isLong(schema: FieldSchema, hint: Hint): boolean {
  return schema.type === 'string' && !hint.widget && !schema.enum && !schema.oneOf && !schema.format && (schema.maxLength ?? 0) > MOST_OF_A_LINE
}

function kindOf(schema: FieldSchema, hint: Hint): FieldKind {
  if (hint.calculate !== undefined) return 'result'
  if (hint.widget === 'region') return 'region'
  if (hint.widget === 'textarea' || isLong(schema, hint)) return 'area'
  if (schema.type === 'array') return schema.items?.properties || schema.items?.$ref ? 'group' : 'list'
  if (schema.enum || schema.oneOf) return 'choice'
  if (schema.type === 'boolean') return schema.const === true ? 'agree' : 'yesno'
  if (schema.type === 'number' || schema.type === 'integer') return 'number'
  return schema.format === 'date' ? 'date' : 'text'
}

export interface Choice {
  value: Scalar
  text: string
}

export function choicesOf(schema: FieldSchema): Choice[] {
  if (schema.oneOf) return schema.oneOf.map((one) => ({ value: one.const, text: one.title ?? String(one.const) }))
  return (schema.enum ?? []).map((value) => ({ value, text: String(value) }))
}

/** A value in the words of its field, for looking over what was filled in. */
export function wordsOf(schema: FieldSchema, hint: Hint, value: unknown): string {
  if (value === undefined || value === null || value === '') return ''
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (Array.isArray(value)) return value.map((one) => String(one)).join('、')
  const choice = choicesOf(schema).find((one) => one.value === value)
  const text = choice ? choice.text : schema.format === 'date' ? dateWords(String(value)) : String(value)
  return hint.unit && typeof value === 'number' ? `${text} ${hint.unit}` : text
}

function dateWords(value: string): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)
  return parts ? `${Number(parts[1])}年${Number(parts[2])}月${Number(parts[3])}日` : value
}

/** The text of a number field as a number; the text itself while it is none, so that it is told. */
export function typedNumber(text: string): string | number {
  const plain = text.replace(/[,，\s]/g, '')
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : text.trim()
}
