/** Policies and benefits as the gateway answers them. */

export type Outcome = 'matched' | 'unknown' | 'unmatched'

export interface PolicyCard {
  code: string
  title: string
  summary: string
  department: string
  kind: 'automatic' | 'one_click' | 'commitment'
  kind_name: string
  benefit: string
  benefit_kind: 'money' | 'service' | 'reminder'
  outcome: Outcome
  amount: string
  why: string
  /** Page of this app where it goes on; empty for what is claimed or paid here. */
  link: string
}

export interface PolicyList {
  matching: boolean
  items: PolicyCard[]
}

export interface PolicyReason {
  words: string
  clause: string
  /** Null: data are missing to judge it. */
  result: boolean | null
  looked: [string, string][]
  change: string
}

export interface PolicyDetail extends PolicyCard {
  audience: string[]
  valid_from: string
  valid_to: string | null
  source: string
  sample: boolean
  clauses: { ref: string; text: string }[]
  reasons: PolicyReason[]
  commitment: string
  publicity_days: number
  major: boolean
  contact: string
  version: number
}

export interface UsedData {
  label: string
  value: string
  source: string
  as_of: string
  policies: string[]
  bases: string[]
}

export type BenefitState =
  | 'candidate'
  | 'refused'
  | 'publicised'
  | 'offered'
  | 'declined'
  | 'paying'
  | 'failed'
  | 'paid'
  | 'objected'
  | 'recovering'
  | 'contested'
  | 'recovered'

export interface Benefit {
  id: string
  code: string
  title: string
  kind_name: string
  department: string
  holder: string
  number: string
  period: string
  state: BenefitState
  state_name: string
  amount: string
  account: string
  due_on: string | null
  answer_by: string | null
  created_at: string
}

export interface BenefitDetail extends Benefit {
  /** Where the last one was paid to, masked; empty if none was. */
  known_account: string
  reasons: string[]
  steps: { at: string; name: string; words: string }[]
}

export interface Publicised {
  id: string
  code: string
  title: string
  department: string
  holder: string
  amount: string
  until: string | null
  contact: string
}

export interface Account {
  bank: string
  number: string
}
