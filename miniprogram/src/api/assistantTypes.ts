/** The assistant as the gateway answers it. */

export type SourceKind = 'guide' | 'policy' | 'faq'

export interface Opening {
  greeting: string
  examples: string[]
  /** A language model words the answers; people are told. */
  by_model: boolean
}

export interface Cited {
  number: number
  kind: SourceKind
  kind_name: string
  title: string
  section: string
  text: string
  page: string
}

export interface NextStep {
  kind: 'page' | 'form' | 'call' | 'person'
  label: string
  page: string
  phone: string
}

export interface Said {
  conversation_id: string
  kind: 'answer' | 'choices' | 'unknown'
  lead: string
  paragraphs: { heading: string; text: string; citations: number[] }[]
  citations: Cited[]
  actions: NextStep[]
  choices: { number: number; title: string; text: string }[]
  related: { kind: SourceKind; kind_name: string; title: string; page: string }[]
  worded_by: 'excerpt' | 'model'
}

export interface HandedOver {
  ticket_no: string
  workdays: number
}
