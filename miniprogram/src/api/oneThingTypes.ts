/** The answers about 一件事一次办. */
import type { CaseDetail, ForKind } from './caseTypes'

export interface OneThingCard {
  code: string
  name: string
  plain_name: string
  summary: string
  icon: string
  lead: string
  departments: string[]
  steps: number
  paused: boolean
}

export interface GuideMaterial {
  name: string
  need: string
  by_sharing: boolean
}

export interface GuideStep {
  code: string
  title: string
  item_code: string
  item_name: string
  department_name: string
  need: 'always' | 'default' | 'optional'
  after: string[]
  promise_days: number
  promise_unit: 'workday' | 'day' | 'month'
  min_level: number
  result: string
  materials: GuideMaterial[]
  hotline: string
}

export interface OneThing extends OneThingCard {
  basis: string
  for: ForKind[]
  min_level: number
  parts: GuideStep[]
}

export interface RunCard {
  id: string
  code: string
  name: string
  for_kind: ForKind
  submitted_at: string
  updated_at: string
  ended: boolean
}

export interface RunStep {
  code: string
  title: string
  item_code: string
  item_name: string
  department_name: string
  state: 'waiting' | 'handed_in' | 'draft' | 'ended'
  words: string
  waits_for: string[]
  case: CaseDetail | null
  draft_id: string | null
}

export interface Run extends RunCard {
  steps: RunStep[]
  done: number
}
