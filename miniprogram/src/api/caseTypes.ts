/** The answers about applications: drafts, materials, cases. */
import type { Page } from './types'
import type { Form, Mistake, Values } from '@/apply/form/types'

/** 办事授权: whoever carries one's licences may apply in one's name, too. */
export interface Mandate {
  id: string
  link_id: string
  /** Of the only item; empty for any. */
  item_code: string
  /** The last day. */
  ends_on: string
}

export type ForKind = 'self' | 'child' | 'relative' | 'enterprise'
export type Way = 'shared' | 'licence' | 'upload' | 'promised' | 'commitment' | 'result'

export interface Provenance {
  source: string
  source_name: string
  licence: string | null
  as_of: string
  grade: 'A' | 'B' | 'C' | 'D'
  signed: boolean
}

export interface DraftFile {
  id: string
  name: string
  media_type: string
  bytes: number
}

export interface Material {
  code: string
  name: string
  /** 必要, 非必要 or 容缺后补. */
  need: string
  explain: string
  ways: Way[]
  /** Of a 一件事: name of the earlier step whose result it is. */
  from_step: string
  licence_type: string | null
  commitment: string
  commitment_digest: string
  how: Way | 'none'
  licence_id: string | null
  licence_name: string | null
  due_on: string | null
  files: DraftFile[]
  lacking: boolean
}

/** One item of a notice of correction. */
export interface Asked {
  material: string | null
  field: string | null
  what: string
  /** Of a promised material: its day. */
  due_on?: string | null
}

/** A material that was promised (容缺后补) and has not come yet. */
export interface Late {
  material: string
  name: string
  due_on: string
  overdue: boolean
}

/** A case in which the next step is mine. */
export interface WaitingCase {
  case_no: string
  item_name: string
  text: string
  due_on: string | null
}

/** The soonest first; `open` counts all that are under way. */
export interface WaitingCases {
  items: WaitingCase[]
  open: number
}

export type DeliveryHow = 'electronic' | 'post' | 'counter'

export interface Delivery {
  how: DeliveryHow
  address?: string
  recipient?: string
  phone?: string
  carrier?: string
  tracking_no?: string
  place?: string
}

export interface Draft {
  id: string
  kind: 'application' | 'supplement' | 'one_thing'
  item_code: string
  item_name: string
  item_changed: boolean
  department_name: string
  for_kind: ForKind
  for_id: string
  applicant: string
  relation: string | null
  form: Form | null
  values: Values
  provenance: Record<string, Provenance>
  mistakes: Mistake[]
  materials: Material[]
  asked: Asked[]
  late: boolean
  /** Of a 一件事: codes of the chosen steps. */
  steps: string[]
  contact_phone: string | null
  result_delivery: Delivery | null
  delivery_ways: DeliveryHow[]
  version: number
  ready: boolean
  updated_at: string
}

export interface DraftCard {
  id: string
  kind: 'application' | 'supplement' | 'one_thing'
  item_code: string
  item_name: string
  department_name: string
  for_kind: ForKind
  applicant: string
  ready: boolean
  updated_at: string
}

export interface Submitted {
  case_no: string
  submitted_at: string
  item_name: string
  department_name: string
  again: boolean
}

export interface Clock {
  kind: 'accept' | 'decide' | 'deliver'
  label: string
  due_on: string
  provisional: boolean
  paused: boolean
  left: number | null
  light: 'green' | 'amber' | 'red'
  light_label: string
}

export interface CaseCard {
  id: string
  case_no: string
  item_code: string
  item_name: string
  department_name: string
  for_kind: ForKind
  applicant: string
  state: string
  state_label: string
  delivered: boolean
  ended: boolean
  submitted_at: string
  updated_at: string
  clock: Clock | null
}

export type CasePage = Page<CaseCard>

export interface StepWords {
  officer?: string
  reason?: string
  remedies?: string
  document_no?: string
  items?: Asked[]
  due_on?: string
  to?: string
  special?: string
  workdays?: number
  delivery?: Delivery
  department_case_no?: string
}

export interface CaseStep {
  event: string
  label: string
  state: string
  at: string
  by: 'person' | 'system' | 'platform'
  words: StepWords
}

export interface CaseResult {
  decision: string | null
  decided_at: string | null
  reason: string
  remedies: string
  document_no: string
  kind: 'licence' | 'document' | 'none' | null
  name: string | null
  has_file: boolean
  delivery: Delivery | null
}

export type CaseAction = 'supplement' | 'withdraw' | 'urge' | 'evaluate'

export interface CaseDetail extends CaseCard {
  department_case_no: string | null
  relation: string | null
  steps: CaseStep[]
  next: string
  actions: CaseAction[]
  on_its_way: string[]
  asked: Asked[]
  late: Late[]
  deemed_accepted: boolean
  /** 职责分工: who accepts, decides, supervises; null where one department does it all. */
  division: { accepting: string; deciding: string; supervising: string; legal_basis: string; words: string } | null
  result: CaseResult | null
  contact: { department: string; hotline: string; complaints: string }
}
