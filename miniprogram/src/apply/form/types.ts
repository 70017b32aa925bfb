/** The form of a service item as it is registered: JSON Schema 2020-12 and hints (docs/forms.md). */
export type Scalar = string | number | boolean
export type Value = Scalar | Value[] | { [name: string]: Value } | null | undefined
export type Values = { [name: string]: Value }

export interface FieldSchema {
  title?: string
  description?: string
  type?: string
  enum?: Scalar[]
  oneOf?: { const: Scalar; title?: string }[]
  const?: Scalar
  format?: string
  default?: Value
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  items?: FieldSchema
  properties?: Record<string, FieldSchema>
  required?: string[]
  $ref?: string
  [keyword: string]: unknown
}

export type Expression = string | number | Expression[]

export interface Hint {
  widget?: 'textarea' | 'radio' | 'region' | 'money' | 'tel' | 'idcard'
  placeholder?: string
  help?: string
  unit?: string
  wrong?: string
  when?: object
  calculate?: Expression
  /** Name of a material that is uploaded right here. */
  attach?: string
  /** Of a repeated group. */
  items?: Record<string, Hint>
  order?: string[]
  add?: string
}

export interface FormGroup {
  title: string
  text?: string
  fields: string[]
}

export interface Form {
  schema: FieldSchema
  ui: { order?: string[]; groups?: FormGroup[] } & { [field: string]: unknown }
}

export interface Mistake {
  /** JSON pointer into the values. */
  pointer: string
  detail: string
}
